'use strict';

/** The primary of three members is paused, killed and stepped down, with a store that has no options at all. */

const { MongoWriteConcernError } = require('mongodb');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { FAULTS, direct, healthy } = require('../faults');
const { Journal } = require('../journal');
const { StoreProcess } = require('../load/process');
const { until } = require('../until');

const LANES = 16;
const READY_MS = 30_000;
/** How often a round is begun anew whose set did not get a primary that acknowledges writes. */
const ATTEMPTS = 3;

/**
 * A write waits for the majority by default: until another member copies from the new primary, that one acknowledges
 * nobody's writes. So the election is over when it has acknowledged one that came straight to it.
 *
 * @returns {Promise<number>} when that was, in ms since 1970; 0 if it did not: a member that copies from the paused one
 *   may go on waiting for it, and then no majority has anybody's writes
 */
async function elected(set, before, withinMs) {
  const others = set.members.filter((member) => member !== before);
  const primary = await until(async () => {
    for (const member of others) {
      if ((await direct(member, (admin) => admin.command({ hello: 1 }))).isWritablePrimary) return member;
    }
    return null;
  }, withinMs);
  if (!primary) return 0;
  const writeConcern = { w: 'majority', wtimeoutMS: withinMs };
  try {
    await direct(primary, (admin) => admin.client.db('torture').collection('yardstick').updateOne(
      { _id: 1 }, { $set: { at: new Date() } }, { upsert: true, writeConcern }
    ));
  } catch (error) {
    if (error instanceof MongoWriteConcernError) return 0;
    throw error;
  }
  return Date.now();
}

async function strike(set, fault, journal, store, patienceMs) {
  const primary = await set.primary();
  const before = await store.call('figures');
  const since = Date.now();
  const undo = await FAULTS[fault](primary);
  const electedAt = await elected(set, primary, patienceMs);
  const servedAt = electedAt && await until(() => journal.flowsAgain(electedAt, LANES) && Date.now(), patienceMs);
  await undo();
  await healthy(set);
  await until(() => journal.flowsAgain(Date.now() - 100, LANES), patienceMs);
  const failed = (await store.call('figures')).failed - before.failed;
  return { electedMs: electedAt && electedAt - since, servedMs: servedAt ? servedAt - since : null, failed };
}

/** A round whose set was able to serve anybody; the last one if none was. */
async function strikeUntilElected(...round) {
  for (let attempt = 1; ; attempt++) {
    const result = await strike(...round);
    if (result.electedMs || attempt === ATTEMPTS) return result;
  }
}

const seconds = (ms) => (ms === null || ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`);

/**
 * @param {{contestant: string, options: {rounds: number, patienceMs: number, afterMs: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const checks = new Checks();
  const figures = { faults: {} };
  const set = await startMongod({ replicaSet: true, members: 3 });
  const journal = new Journal();
  try {
    await StoreProcess.with(contestant, journal, async (store) => {
      await store.open({ uri: set.uri, databaseName: 'torture' });
      await store.call('start', { lanes: LANES });
      await until(() => journal.flowsAgain(0, LANES), READY_MS);
      for (const fault of Object.keys(FAULTS)) {
        const rounds = [];
        for (let round = 0; round < options.rounds; round++) {
          const result = await strikeUntilElected(set, fault, journal, store, options.patienceMs);
          rounds.push(result);
          progress(`primary ${fault}: elected after ${seconds(result.electedMs)}, everybody served after ${seconds(result.servedMs)}, ${result.failed} errors`);
        }
        const told = rounds.map(({ electedMs, servedMs }) => `${seconds(electedMs)} and ${seconds(servedMs)}`).join(', ');
        checks.add(`primary ${fault}: everybody is served within ${options.afterMs / 1000} s of the election`,
          rounds.every(({ electedMs, servedMs }) => servedMs !== null && servedMs <= electedMs + options.afterMs), `elected and served after ${told}`);
        const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
        checks.add(`primary ${fault}: without an error`, failed === 0, `${failed} errors`);
        figures.faults[fault] = { rounds, failed };
      }
      const calls = await store.call('stop', { withinMs: options.patienceMs });
      checks.add('every operation ends, once', calls.open === 0 && calls.repeated === 0, `${calls.open} of ${calls.issued} did not end`);
      Object.assign(figures, { operations: calls.issued, failed: calls.failed, slowestMs: calls.slowestMs, reasons: calls.reasons });
    });
    return { checks: checks.list, figures };
  } finally {
    await set.stop();
  }
}

module.exports = {
  title: 'Paused primary',
  how: 'three members and a store without options; the primary is paused, killed, stepped down; timed from the moment when the new primary acknowledges a write',
  // `afterMs` the election: what an operation may take to find its way to the new primary; more on a busy machine.
  long: { rounds: 3, patienceMs: 70_000, afterMs: 1000 },
  short: { rounds: 1, patienceMs: 40_000, afterMs: 6000 },
  run
};
