'use strict';

/** Two commands of the server take seconds, while operations on other sessions keep arriving. */

const { MongoClient } = require('mongodb');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { LATE_MS } = require('../load/arrivals');
const { StoreProcess } = require('../load/process');

/** Commands of the server by the method that sends them. */
const METHODS = { find: 'get', update: 'set', delete: 'destroy' };
const SLOW_COMMANDS = 2;
/** Operations that a slow command may carry, in all. The first of a store go out alone or nearly so. */
const CARRIED = 8;
const SESSIONS = 4000;
const CALL_MS = 120_000;

async function slowDown(admin, command, blockTimeMS) {
  const data = { failCommands: [command], blockConnection: true, blockTimeMS };
  await admin.command({ configureFailPoint: 'failCommand', mode: { times: SLOW_COMMANDS }, data });
}

/**
 * @param {{contestant: string, options: {perSecond: number, forMs: number, slowMs: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const { perSecond, forMs, slowMs } = options;
  const checks = new Checks();
  const figures = {};
  const server = await startMongod({ own: true, args: ['--setParameter', 'enableTestCommands=1'] });
  const witness = await MongoClient.connect(server.uri);
  try {
    await StoreProcess.with(contestant, undefined, async (store) => {
      await store.open({ uri: `${server.uri}/torture` });
      await store.call('fill', { sessions: SESSIONS });
      for (const [command, method] of Object.entries(METHODS)) {
        await slowDown(witness.db('admin'), command, slowMs);
        const seen = await store.call('arrive', { method, perSecond, forMs, sessions: SESSIONS }, CALL_MS);
        progress(`${command}: ${seen.inTime} of ${seen.arrived} in time, ${seen.late} late`);
        checks.add(`${command}: only those that a slow command carries are late`, seen.late <= CARRIED,
          `${seen.late} of ${seen.arrived} took longer than ${LATE_MS / 1000} s, the median ${seen.p50Ms?.toFixed(1)} ms`);
        checks.add(`${command}: nothing fails`, seen.failed === 0 && seen.repeated === 0, `${seen.failed} failed`);
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
  short: { perSecond: 300, forMs: 1500, slowMs: 3000 },
  run,
  compare
};
