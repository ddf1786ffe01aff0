'use strict';

/** The way to the server is slow on one connection in three: a bad path of several, an overloaded proxy. */

const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { LATE_MS } = require('../load/arrivals');
const { StoreProcess } = require('../load/process');
const { Proxy } = require('../proxy');

const ONE_IN = 3;
const SESSIONS = 2000;
const CALL_MS = 120_000;
/** Of all: a connection shows that it is slow by an operation that waits for it, and a pool has a hundred at most. */
const LATE_SHARE = 0.02;
async function fill(contestant, server) {
  await StoreProcess.with(contestant, undefined, async (store) => {
    await store.open({ uri: `${server.uri}/torture` });
    await store.call('fill', { sessions: SESSIONS });
  });
}

/**
 * @param {{contestant: string, options: {perSecond: number, forMs: number, lateMs: number, waitedMs?: number, lateShare?: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const { perSecond, forMs, lateMs, waitedMs = LATE_MS, lateShare = LATE_SHARE } = options;
  const checks = new Checks();
  const figures = {};
  const server = await startMongod({ own: true });
  const proxy = await new Proxy({ host: '127.0.0.1', port: server.port }).open();
  try {
    await fill(contestant, server);
    for (const method of ['get', 'set']) {
      await StoreProcess.with(contestant, undefined, async (store) => {
        await store.open({ uri: `mongodb://127.0.0.1:${proxy.port}/torture` });
        // Not the connections that are open: those that look after the server are among them.
        proxy.delayOneIn(ONE_IN, lateMs);
        const seen = await store.call('arrive', { method, perSecond, forMs, sessions: SESSIONS, lateMs: waitedMs }, CALL_MS);
        progress(`${method}: ${seen.inTime} of ${seen.arrived} in time, ${seen.late} late`);
        checks.add(`${method}: all but a few are served in time`, seen.late <= lateShare * seen.arrived,
          `${seen.late} of ${seen.arrived} took longer than ${waitedMs / 1000} s, the median ${seen.p50Ms?.toFixed(1)} ms`);
        checks.add(`${method}: nothing fails`, seen.failed === 0 && seen.repeated === 0, `${seen.failed} failed`);
        figures[method] = seen;
      });
    }
    return { checks: checks.list, figures };
  } finally {
    await proxy.close();
    await server.stop();
  }
}

/** @returns {object[]} checks of this package, beside the original */
function compare({ ours, original }) {
  const checks = new Checks();
  for (const method of ['get', 'set']) {
    const [here, there] = [ours.figures[method], original.figures[method]];
    checks.add(`${method}: as many are served in time as by the original`, here.inTime / here.arrived >= 0.98 * (there.inTime / there.arrived),
      `${here.late} of ${here.arrived} late here, ${there.late} of ${there.arrived} there`);
  }
  return checks.list;
}

module.exports = {
  title: 'Slow connections',
  how: 'a proxy answers one connection in three 3 s late, while operations keep arriving',
  long: { perSecond: 850, forMs: 4000, lateMs: 3000 },
  // On a busy machine a short run has a larger share that waits, of which only those for 3 s are the connections'; if nobody
  // learnt which those are, it would be one in three.
  short: { perSecond: 300, forMs: 1500, lateMs: 4000, waitedMs: 3000, lateShare: 0.15 },
  run,
  compare
};
