'use strict';

/** The primary of a replica set is killed, stepped down and paused under load, and comes back. */

const path = require('path');
const { MongoClient } = require('mongodb');
const { Child } = require('../../benchmark/child');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { FAULTS, healthy } = require('../faults');
const { Journal } = require('../journal');
const { StoreProcess } = require('../load/process');
const { Visitors } = require('../load/visitors');
const { until } = require('../until');

const LANES = 8;
const VISITORS = 4;
/**
 * A member that copied from the paused primary goes on waiting for it for up to 71 s (MongoDB's `oplogInitialFindMaxSeconds`
 * and `oplogNetworkTimeoutBufferSeconds`); until then no majority has anybody's writes.
 */
const RECOVERY_MS = 90_000;
const DATABASE = 'failover';
const CONNECTION = {
  w: 'majority',
  serverSelectionTimeoutMS: 30_000,
  // How soon a member that says nothing at all is given up, by both stores: their sum.
  heartbeatFrequencyMS: 2000,
  connectTimeoutMS: 3000
};

const APP = path.join(__dirname, '..', 'load', 'app.js');

/** One fault, until everybody's writes are acknowledged again, and then its end. */
async function strike(set, name, journal, lanes) {
  const primary = await set.primary();
  const since = Date.now();
  const undo = await FAULTS[name](primary);
  const struck = Date.now();
  const recovered = await until(() => journal.flowsAgain(struck, lanes), RECOVERY_MS);
  const tookMs = Date.now() - since;
  const waiting = recovered ? [] : journal.waitingSince(struck);
  await undo();
  await healthy(set);
  return { fault: name, recovered: Boolean(recovered), waiting, silenceMs: journal.silenceAfter(since), everybodyMs: tookMs };
}

function worst(rounds, fault, figure) {
  return Math.max(0, ...rounds.filter((round) => round.fault === fault).map((round) => round[figure]));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

function figuresOf(rounds, store, visitors, compared) {
  const recovery = {};
  for (const fault of new Set(rounds.map((round) => round.fault))) {
    const times = rounds.filter((round) => round.fault === fault).map(({ everybodyMs }) => everybodyMs);
    recovery[fault] = { rounds: times.length, medianMs: median(times), worstMs: worst(rounds, fault, 'everybodyMs') };
  }
  return {
    acknowledged: compared.acknowledged,
    lost: compared.lost.length,
    failed: store.failed + visitors.failed,
    operations: store.issued + visitors.requests,
    slowestMs: Math.max(store.slowestMs, visitors.slowestMs),
    recovery,
    reasons: store.reasons
  };
}

function checksOf(checks, rounds, store, visitors, compared) {
  const { acknowledged, lost, invented } = compared;
  checks.add('no acknowledged write is lost', acknowledged > 0 && lost.length === 0,
    `${acknowledged} acknowledged, ${lost.length} sessions fell back ${lost.slice(0, 3).join('; ')}`);
  checks.add('nothing is stored that nobody wrote', invented.length === 0, `${invented.length} sessions ${invented.slice(0, 3).join('; ')}`);
  checks.add('a read sees what was acknowledged before', store.stale + visitors.stale === 0, `${store.stale + visitors.stale} did not`);
  checks.add('every operation ends, once', store.open === 0 && store.repeated === 0 && visitors.requests === visitors.answered,
    `${store.open} of ${store.issued} operations and ${visitors.requests - visitors.answered} of ${visitors.requests} requests did not end; ` +
    `${store.repeated} called back again`);
  checks.add('operations during the election succeed', store.failed + visitors.failed === 0,
    `${store.failed} operations and ${visitors.failed} requests failed`);
  const unserved = rounds.filter(({ recovered }) => !recovered);
  checks.add('everybody is served again while the old primary is away', unserved.length === 0,
    `${unserved.length} of ${rounds.length} times somebody was not, within ${RECOVERY_MS} ms ${unserved.map(({ fault, waiting }) => `(${fault}: ${waiting})`).join(' ')}`);
}

/**
 * @param {{contestant: string, options: {rounds: number, faults?: string[]}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const set = await startMongod({ replicaSet: true, members: 3 });
  const witness = new MongoClient(set.uri, { readConcernLevel: 'majority' });
  const journal = new Journal();
  const app = new Child(APP, `${contestant}'s application`);
  const store = new StoreProcess(contestant, journal);
  try {
    const settings = { uri: set.uri, databaseName: DATABASE, connectionOptions: CONNECTION };
    await store.open(settings);
    const port = await app.call('open', { contestant, options: settings });
    await store.call('start', { lanes: LANES });
    const visitors = new Visitors(port, { visitors: VISITORS }, journal);
    await until(() => journal.flowsAgain(0, LANES + VISITORS), RECOVERY_MS);
    const rounds = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const fault of options.faults ?? Object.keys(FAULTS)) {
        const result = await strike(set, fault, journal, LANES + VISITORS);
        rounds.push(result);
        progress(`round ${round}: primary ${fault}; everybody served again after ${result.everybodyMs} ms`);
      }
    }
    await visitors.stop(RECOVERY_MS);
    const figures = await store.call('stop', { withinMs: RECOVERY_MS });
    const compared = await journal.compare(witness.db(DATABASE).collection('sessions'));
    const checks = new Checks();
    checksOf(checks, rounds, figures, visitors, compared);
    return { checks: checks.list, figures: figuresOf(rounds, figures, visitors, compared) };
  } finally {
    await Promise.all([store.stop(), app.stop(), witness.close()]);
    await set.stop();
  }
}

module.exports = {
  title: 'Failover',
  how: 'three members, `w: majority`, load from the store API and from an Express app; the primary is killed, stepped down, paused',
  long: { rounds: 10 },
  short: { rounds: 1 },
  run
};
