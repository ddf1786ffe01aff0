'use strict';

/**
 * The open connections go silent, without an end, while new ones work: a firewall or a NAT forgot them, a machine was
 * moved. A store without options.
 */

const { setTimeout: pause } = require('timers/promises');
const { startMongod } = require('../../mongod');
const { ProxiedSet } = require('../../mongod/proxied-set');
const { Checks } = require('../checks');
const { sessionOf } = require('../load/lanes');
const { StoreProcess } = require('../load/process');
const { Proxy } = require('../proxy');

/** Nobody waits for as long: a call that has not ended when patience has is given up, with its process. */
const FOR_EVER_MS = 3_600_000;
const WARM = 6;
/** The pool is idle when it happens, as at night. */
const IDLE_MS = 500;

const openProxy = (port) => new Proxy({ host: '127.0.0.1', port }).open();

const KINDS = {
  async standalone() {
    const server = await startMongod({ own: true });
    const proxy = await openProxy(server.port);
    return { proxy, uri: `mongodb://127.0.0.1:${proxy.port}/`, stop: () => Promise.all([proxy.close(), server.stop()]) };
  },
  async 'replica set'() {
    const set = await new ProxiedSet().start(openProxy);
    return { proxy: set.proxy, uri: set.uri, stop: () => set.stop() };
  }
};

/** One call, or that it did not end while somebody was patient. */
async function call(store, method, args, patienceMs) {
  const late = new AbortController();
  try {
    return await Promise.race([
      store.call('call', { method, args }, FOR_EVER_MS),
      pause(patienceMs, { tookMs: null, error: `no end within ${patienceMs / 1000} s` }, { signal: late.signal })
    ]);
  } finally {
    late.abort();
  }
}

/** The calls of one round, each on a store of its own: what was called before would have shown that the connections are silent. */
async function round(contestant, kind, method, patienceMs) {
  const { proxy, uri, stop } = await KINDS[kind]();
  try {
    return await StoreProcess.with(contestant, undefined, async (store) => {
      await store.open({ uri, databaseName: 'torture' });
      await store.call('callAll', { operations: Array.from({ length: WARM }, (_, n) => ['set', `warm${n}`, sessionOf(n, 10)]) });
      await pause(IDLE_MS);
      proxy.silenceOpen();
      const args = method === 'set' ? ['after', sessionOf(1, 10)] : ['warm0'];
      const first = await call(store, method, args, patienceMs);
      // A call that did not end has shown enough.
      const second = first.tookMs === null ? first : await call(store, method, args, patienceMs);
      return { first, second };
    });
  } finally {
    await stop();
  }
}

/**
 * @param {{contestant: string, options: {rounds: number, patienceMs: number, unseenMs: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const checks = new Checks();
  const figures = { rounds: options.rounds, calls: {} };
  for (const kind of Object.keys(KINDS)) {
    for (const method of ['get', 'set']) {
      const seen = [];
      for (let n = 0; n < options.rounds; n++) {
        const { first, second } = await round(contestant, kind, method, options.patienceMs);
        seen.push(first);
        progress(`${kind}: ${method} ${first.error ?? 'succeeded'} after ${first.tookMs} ms; the next one ${second.error ?? 'succeeded'} after ${second.tookMs} ms`);
      }
      const errors = seen.filter(({ error }) => error);
      const times = seen.map(({ tookMs }) => tookMs);
      checks.add(`${kind}: ${method} succeeds within ${options.unseenMs / 1000} s`, errors.length === 0 && times.every((ms) => ms <= options.unseenMs),
        errors.length > 0 ? `${errors.length} of ${seen.length} did not: "${errors[0].error}"` : `after ${times.join(', ')} ms`);
      figures.calls[`${method}, ${kind}`] = { slowestMs: times.includes(null) ? null : Math.max(...times), errors: errors.length, reason: errors[0]?.error };
    }
  }
  return { checks: checks.list, figures };
}

module.exports = {
  title: 'Silent connections',
  how: 'a proxy stops to forward on the open connections, without ending them, while new ones work; a store without options',
  // `unseenMs`: what may be seen of it; more on a busy machine.
  long: { rounds: 3, patienceMs: 100_000, unseenMs: 3000 },
  short: { rounds: 1, patienceMs: 15_000, unseenMs: 9000 },
  run
};
