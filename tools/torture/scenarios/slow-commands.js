'use strict';

/** Two commands of the server take seconds, while operations on other sessions keep arriving. */

const { MongoClient } = require('mongodb');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { LATE_MS } = require('../load/arrivals');
const { sessionOf } = require('../load/lanes');
const { StoreProcess } = require('../load/process');

/** Commands of the server by the method that sends them. */
const METHODS = { find: 'get', update: 'set', delete: 'destroy' };
const SLOW_COMMANDS = 2;
const SESSIONS = 4000;
const CALL_MS = 120_000;

/**
 * Brings the store into the state in which the server takes its time with so many commands, each of which carries one operation:
 * how many those of a burst carry depends on how busy the machine is.
 *
 * @returns {Promise<object[]>[]} what becomes of these operations
 */
async function slowDown(admin, store, command, blockTimeMS) {
  const data = { failCommands: [command], blockConnection: true, blockTimeMS };
  const { count } = await admin.command({ configureFailPoint: 'failCommand', mode: { times: SLOW_COMMANDS }, data });
  const carried = [];
  for (let n = 1; n <= SLOW_COMMANDS; n++) {
    const method = METHODS[command];
    carried.push(store.call('call', { method, args: [`slow${n}`, ...(method === 'set' ? [sessionOf(n, 10)] : [])] }, CALL_MS));
    await admin.command({ waitForFailPoint: 'failCommand', timesEntered: count + n, maxTimeMS: CALL_MS });
  }
  return carried;
}

/**
 * @param {{contestant: string, options: {perSecond: number, forMs: number, slowMs: number, lateMs?: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const { perSecond, forMs, slowMs, lateMs = LATE_MS } = options;
  const checks = new Checks();
  const figures = {};
  const server = await startMongod({ own: true, args: ['--setParameter', 'enableTestCommands=1'] });
  const witness = await MongoClient.connect(server.uri);
  try {
    await StoreProcess.with(contestant, undefined, async (store) => {
      await store.open({ uri: `${server.uri}/torture` });
      await store.call('fill', { sessions: SESSIONS });
      for (const [command, method] of Object.entries(METHODS)) {
        const carried = await slowDown(witness.db('admin'), store, command, slowMs);
        const seen = await store.call('arrive', { method, perSecond, forMs, sessions: SESSIONS, lateMs }, CALL_MS);
        const errors = (await Promise.all(carried)).filter(({ error }) => error);
        progress(`${command}: ${seen.inTime} of ${seen.arrived} in time, ${seen.late} late`);
        checks.add(`${command}: only those that a slow command carries are late`, seen.late === 0,
          `of the ${seen.arrived} others, ${seen.late} took longer than ${lateMs / 1000} s, the median ${seen.p50Ms?.toFixed(1)} ms`);
        checks.add(`${command}: nothing fails`, seen.failed + errors.length === 0 && seen.repeated === 0, `${seen.failed + errors.length} failed`);
        figures[command] = seen;
      }
    });
    return { checks: checks.list, figures };
  } finally {
    await witness.close();
    await server.stop();
  }
}

/** @returns {object[]} checks of this package, beside the original */
function compare({ ours, original }) {
  const checks = new Checks();
  const share = ({ inTime, arrived }) => inTime / arrived;
  for (const command of Object.keys(METHODS)) {
    const [here, there] = [ours.figures[command], original.figures[command]];
    checks.add(`${command}: as many are served in time as by the original`, share(here) >= 0.995 * share(there),
      `${(100 * share(here)).toFixed(1)} % here, ${(100 * share(there)).toFixed(1)} % there`);
  }
  return checks.list;
}

module.exports = {
  title: 'Slow commands',
  how: 'two commands of the server take 5 s each, of every kind, while operations on other sessions keep arriving',
  long: { perSecond: 850, forMs: 4000, slowMs: 5000 },
  // Who waits for a slow command waits for 3.5 s at least; a busy machine makes nobody wait for 3.
  short: { perSecond: 300, forMs: 1500, slowMs: 5000, lateMs: 3000 },
  run,
  compare
};
