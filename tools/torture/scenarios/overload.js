'use strict';

/** Far more at once than can be done at once, with and without a server. */

const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { StoreProcess } = require('../load/process');
const { until } = require('../until');

/** Longer than a server takes to start again. */
const SELECTION_MS = 10_000;
/** For what is to be refused, not to wait. */
const PATIENT_MS = 60_000;
const REFUSED_MS = 30_000;
const SERVED_MS = 60_000;
const ENDED_MS = 90_000;
/** The wait for a server, and the time it takes to call everybody back with the error that there was none. */
const SLOWEST_MS = SELECTION_MS + 20_000;
/** Waiting operations must not cost more than this each; a session of 200 characters takes about one. */
const KB_EACH = 32;

async function open(store, server) {
  await store.open({ uri: `${server.uri}/torture`, connectionOptions: { serverSelectionTimeoutMS: SELECTION_MS } });
}

/** Everything at once while the server is well. */
async function burst(contestant, server, method, count) {
  return StoreProcess.with(contestant, undefined, async (store) => {
    await open(store, server);
    const before = (await store.call('usage')).rssMB;
    await store.call('flood', { count, method });
    const result = await store.call('flooded');
    return { ...result, grewMB: result.peakMB - before };
  }, { execArgv: ['--expose-gc'] });
}

/** Requests keep coming in waves while the server is away; then it is back. */
async function away(contestant, server, { waves, wave }) {
  return StoreProcess.with(contestant, undefined, async (store) => {
    await open(store, server);
    await store.call('call', { method: 'get', args: ['warm'] });
    const before = (await store.call('usage')).rssMB;
    await server.kill('SIGKILL');
    const peaks = [];
    const refused = [];
    for (let n = 0; n < waves; n++) {
      await store.call('flood', { count: wave, method: 'get', prefix: `wave${n}-` });
      const ended = await store.call('flooded', undefined, ENDED_MS).catch(() => null);
      if (!ended) return { stuck: true };
      peaks.push(ended.peakMB - before);
      refused.push(ended);
    }
    // The last ones are still waiting when the server comes back.
    await store.call('flood', { count: Math.min(wave, 20_000), method: 'get', prefix: 'last' });
    await server.restart();
    const last = await store.call('flooded');
    const served = await until(async () => !(await store.call('call', { method: 'get', args: ['after'] })).error, SERVED_MS);
    return { before, peaks, refused, last, served: Boolean(served) };
  }, { execArgv: ['--expose-gc'] });
}

function checkBurst(checks, method, count, { succeeded, failed, repeated, open: left, grewMB, tookMs }) {
  checks.add(`${count} × ${method} at once all succeed`, succeeded === count && failed + repeated + left === 0,
    `${succeeded} succeeded, ${failed} failed, in ${tookMs} ms`);
  checks.add(`memory stays bounded during ${count} × ${method} at once`, grewMB * 1024 < KB_EACH * count, `${Math.round(grewMB)} MB more at most`);
}

function checkAway(checks, wave, { peaks, refused, last, served }) {
  const issued = refused.reduce((sum, one) => sum + one.issued, 0);
  const ended = refused.reduce((sum, one) => sum + one.failed + one.succeeded, 0);
  checks.add('without a server every operation ends, with an error', ended === issued && refused.every(({ succeeded }) => succeeded === 0),
    `${ended} of ${issued} ended; ${JSON.stringify(refused[0].reasons)}`);
  checks.add('memory stays bounded while requests keep coming', peaks.at(-1) < Math.max(...peaks.slice(0, -1)) * 1.25 + 32,
    `waves of ${wave}: ${peaks.map((mb) => `${Math.round(mb)} MB`).join(', ')} more at most`);
  const slowest = Math.max(...refused.map(({ slowestMs }) => slowestMs));
  checks.add('none waits much longer than for a server', slowest < SLOWEST_MS, `the slowest took ${slowest} ms`);
  checks.add('what waits when the server is back is served', last.failed === 0 && last.succeeded === last.issued,
    `${last.succeeded} of ${last.issued} succeeded; ${JSON.stringify(last.reasons)}`);
  checks.add('it serves again when the server is back', served, served ? 'it does' : 'it does not');
}

/** More than can be kept for a server that is away: what does a store say to those that are too many? */
async function limit(contestant, server, { most, bytes }) {
  return StoreProcess.with(contestant, undefined, async (store) => {
    await store.open({ uri: `${server.uri}/torture`, connectionOptions: { serverSelectionTimeoutMS: PATIENT_MS } });
    await server.kill('SIGKILL');
    await store.call('flood', { count: most, method: bytes ? 'set' : 'get', bytes });
    const refused = await until(async () => (await store.call('floodFigures', undefined, REFUSED_MS)).failed > 0, REFUSED_MS);
    const figures = refused ? await store.call('floodFigures') : null;
    // Nobody waits for the rest.
    store.process.kill('SIGKILL');
    await server.restart();
    return figures;
  });
}

/** A limit is something that a store has, or not: the original takes everything. */
function checkLimit(checks, figures, { most, bytes }) {
  const what = `${most} ${bytes ? `sessions of ${bytes / 2 ** 20} MB` : 'operations'}`;
  const promise = 'more than can be kept is refused at once, and says so';
  if (!figures) {
    checks.add(promise, false, `none of ${what} was refused within ${REFUSED_MS / 1000} s`);
    return;
  }
  const { reasons, failed, slowestMs } = figures;
  const clear = Object.keys(reasons).every((reason) => /already waiting for MongoDB/.test(reason));
  checks.add(promise, clear && slowestMs < PATIENT_MS / 2, `${failed} of ${what}: "${Object.keys(reasons)[0]}"`);
}

/**
 * @param {{contestant: string, options: {burst: number, waves: number, wave: number, most: number, bytes?: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const checks = new Checks();
  const server = await startMongod({ own: true });
  const figures = {};
  try {
    for (const method of ['set', 'get']) {
      progress(`${options.burst} × ${method} at once`);
      const result = await burst(contestant, server, method, options.burst);
      checkBurst(checks, method, options.burst, result);
      figures[method] = { operations: options.burst, tookMs: result.tookMs, peakMoreMB: result.grewMB, failed: result.failed };
    }
    progress(`the server is away, ${options.waves} waves of ${options.wave}`);
    const result = await away(contestant, server, options);
    if (result.stuck) {
      checks.add('without a server every operation ends, with an error', false,
        `after ${ENDED_MS / 1000} s of a wave of ${options.wave} the event loop was still busy ending them`);
      await server.restart();
      figures.away = { wave: options.wave, stuck: true };
    } else {
      checkAway(checks, options.wave, result);
      figures.away = { wave: options.wave, peaksMB: result.peaks, lastMs: result.last.tookMs, reasons: result.refused[0].reasons };
    }
    progress('more than can be kept');
    checkLimit(checks, await limit(contestant, server, options), options);
    return { checks: checks.list, figures };
  } finally {
    await server.stop();
  }
}

module.exports = {
  title: 'Overload',
  how: '100,000 operations at once; the server away while waves of 50,000 keep coming, then back; more than can be kept',
  long: { burst: 100_000, waves: 4, wave: 50_000, most: 250_000 },
  short: { burst: 5000, waves: 2, wave: 3000, most: 140, bytes: 4 * 2 ** 20 },
  run
};
