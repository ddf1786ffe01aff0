'use strict';

/** The way to the server delays, cuts, garbles, ends and swallows what the server says, or leads nowhere. */

const { setTimeout: pause } = require('timers/promises');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { Journal } = require('../journal');
const { StoreProcess } = require('../load/process');
const { sessionOf } = require('../load/lanes');
const { Proxy } = require('../proxy');
const { until } = require('../until');

const LANES = 8;
const SELECTION_MS = 5000;
const SOCKET_MS = 1000;
const CONNECT_MS = 1000;
/** The options' times for both stores: looking for a server, one answer, and a slow machine's delays. */
const BOUND_MS = 3 * (SELECTION_MS + SOCKET_MS + CONNECT_MS);
const RECOVERY_MS = 30_000;
const CONNECTION = {
  serverSelectionTimeoutMS: SELECTION_MS,
  socketTimeoutMS: SOCKET_MS,
  connectTimeoutMS: CONNECT_MS,
  heartbeatFrequencyMS: 500,
  directConnection: true
};

/** What is done to the way, and to what a store must notice nothing of it. */
const TROUBLES = [
  { name: 'delays of 50 ms', way: 'late', delayMs: 50, unseen: true },
  { name: 'idle connections that are closed', drop: true, unseen: true },
  { name: 'answers cut half-way', way: 'cut half-way' },
  { name: 'garbage', way: 'garbage' },
  { name: 'answers with a wrong length', way: 'a wrong length' },
  { name: 'no answers', way: 'silent' }
];

/** Nowhere: a port that nobody listens on, an address that answers nothing, a name that does not exist. */
const NOWHERE = ['127.0.0.1:1', '192.0.2.1:27017', 'no-such-host.invalid:27017'];

async function inTrouble(proxy, trouble, holdMs) {
  if (trouble.drop) {
    proxy.drop();
  } else {
    proxy.delayMs = trouble.delayMs ?? 0;
    proxy.way = trouble.way;
    await pause(holdMs);
    proxy.way = 'clear';
    // What went wrong on a connection stays wrong: its end is lost.
    if (!trouble.unseen) proxy.drop();
  }
  return Date.now();
}

async function underLoad({ contestant, options, progress }, server, checks) {
  const proxy = await new Proxy({ host: '127.0.0.1', port: server.port }).open();
  const journal = new Journal();
  try {
    return await StoreProcess.with(contestant, journal, async (store) => {
      await store.open({ uri: `mongodb://127.0.0.1:${proxy.port}/torture`, connectionOptions: CONNECTION });
      await store.call('start', { lanes: LANES });
      await until(() => journal.flowsAgain(0, LANES), RECOVERY_MS);
      const recovery = {};
      let unseenFailed = 0;
      for (const trouble of TROUBLES) {
        const before = await store.call('figures');
        for (let round = 0; round < options.rounds; round++) {
          const over = await inTrouble(proxy, trouble, options.holdMs);
          const again = await until(() => journal.flowsAgain(over, LANES), RECOVERY_MS);
          recovery[trouble.name] = Math.max(recovery[trouble.name] ?? 0, again ? Date.now() - over : Infinity);
        }
        const failed = (await store.call('figures')).failed - before.failed;
        if (trouble.unseen) unseenFailed += failed;
        progress(`${trouble.name}: ${failed} operations failed; everybody served ${recovery[trouble.name]} ms afterwards`);
      }
      const calls = await store.call('stop', { withinMs: RECOVERY_MS });
      const compared = await journal.compare((await witnessOf(server)).db('torture').collection('sessions'));
      report(checks, { calls, compared, recovery, unseenFailed });
      return { operations: calls.issued, failed: calls.failed, slowestMs: calls.slowestMs, recovery, reasons: calls.reasons };
    });
  } finally {
    await proxy.close();
  }
}

let witness;

async function witnessOf(server) {
  const { MongoClient } = require('mongodb');
  witness = await MongoClient.connect(server.uri);
  return witness;
}

function report(checks, { calls, compared, recovery, unseenFailed }) {
  checks.add('every operation ends, once', calls.open === 0 && calls.repeated === 0,
    `${calls.open} of ${calls.issued} did not end, ${calls.repeated} called back again`);
  checks.add('in bounded time', calls.slowestMs < BOUND_MS, `the slowest took ${calls.slowestMs} ms`);
  checks.add('delays and closed idle connections are not noticed', unseenFailed === 0, `${unseenFailed} operations failed`);
  checks.add('the pool recovers', Object.values(recovery).every(Number.isFinite),
    Object.entries(recovery).map(([name, ms]) => `${name}: ${ms} ms`).join(', '));
  checks.add('no acknowledged write is lost, no other is read', compared.lost.length === 0 && compared.invented.length === 0 && calls.stale === 0,
    `${compared.acknowledged} acknowledged, ${compared.lost.length} lost, ${calls.stale} stale reads`);
}

async function nowhere(contestant, checks) {
  const times = await Promise.all(NOWHERE.map((host) => StoreProcess.with(contestant, undefined, async (store) => {
    const { error, tookMs } = await store.open({ uri: `mongodb://${host}/torture`, connectionOptions: CONNECTION });
    const set = await store.call('call', { method: 'set', args: ['a', sessionOf(1, 10)] });
    return { ms: error && set.error ? Math.max(tookMs, set.tookMs) : Infinity, reason: error };
  })));
  checks.add('an address where nobody is, is an error in bounded time', times.every(({ ms }) => ms < BOUND_MS),
    times.map(({ ms, reason }, at) => `${NOWHERE[at].split(':')[0]}: "${reason}" after ${ms} ms`).join('; '));
}

/**
 * @param {{contestant: string, options: {rounds: number, holdMs: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run(context) {
  const checks = new Checks();
  const server = await startMongod({ own: true });
  try {
    const figures = await underLoad(context, server, checks);
    await nowhere(context.contestant, checks);
    return { checks: checks.list, figures };
  } finally {
    await witness?.close();
    await server.stop();
  }
}

module.exports = {
  title: 'Network',
  how: 'a proxy delays, cuts half-way, garbles, ends idle connections and goes silent under load; addresses that lead nowhere',
  long: { rounds: 10, holdMs: 1000 },
  short: { rounds: 1, holdMs: 400 },
  run
};
