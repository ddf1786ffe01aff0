'use strict';

/**
 * The application's process stands still for a while (a laptop's lid, a frozen function, SIGSTOP), and every clock in it
 * has run on when it goes on.
 */

const { setTimeout: pause } = require('timers/promises');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { sessionOf } = require('../load/lanes');
const { StoreProcess } = require('../load/process');
const { Proxy } = require('../proxy');
const { until } = require('../until');

/** The answers of the server to a store that connects arrive while its process stands still. */
const ANSWER_MS = 300;
const READY_MS = 30_000;
/** The default of `serverSelectionTimeoutMS` is 30 s. */
const SERVED_MS = 15_000;

async function standStill(store, forMs) {
  store.process.kill('SIGSTOP');
  await pause(forMs);
  store.process.kill('SIGCONT');
}

/** Each brings a store's process to the moment in which it is stopped. */
const MOMENTS = {
  async idle(store, { uri }) {
    await store.open(uri);
    await store.call('call', { method: 'set', args: ['a', sessionOf(1, 10)] });
    return { opened: Promise.resolve({}) };
  },
  async connecting(store, { uri, proxy }) {
    proxy.way = 'late';
    proxy.delayMs = ANSWER_MS;
    const opened = store.open(uri);
    await until(() => proxy.pairs.size > 0, READY_MS);
    return { opened };
  }
};

async function moment(name, { contestant, options, progress }, server, checks) {
  const proxy = await new Proxy({ host: '127.0.0.1', port: server.port }).open();
  try {
    return await StoreProcess.with(contestant, undefined, async (store) => {
      const uri = { uri: `mongodb://127.0.0.1:${proxy.port}/torture`, connectionOptions: options.connectionOptions };
      const { opened } = await MOMENTS[name](store, { uri, proxy });
      await standStill(store, options.forMs);
      const get = await store.call('call', { method: 'get', args: ['a'] });
      const { error } = await opened;
      progress(`${name}: get ${get.error ?? 'succeeded'} after ${get.tookMs} ms${error ? `; opening it failed: ${error}` : ''}`);
      checks.add(`stopped while ${name}: the next get succeeds`, !get.error && get.tookMs < SERVED_MS,
        `${get.error ? `"${get.error}"` : 'it does'} after ${get.tookMs} ms${error ? `, although opening the store gave "${error}"` : ''}`);
      return { tookMs: get.tookMs, error: get.error ?? null, openError: error ?? null };
    });
  } finally {
    await proxy.close();
  }
}

/**
 * @param {{contestant: string, options: {forMs: number, connectionOptions: object}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run(context) {
  const checks = new Checks();
  const server = await startMongod({ own: true });
  try {
    const names = Object.keys(MOMENTS);
    const seen = await Promise.all(names.map((name) => moment(name, context, server, checks)));
    return { checks: checks.list, figures: { moments: Object.fromEntries(names.map((name, n) => [name, seen[n]])) } };
  } finally {
    await server.stop();
  }
}

module.exports = {
  title: 'Stopped client',
  how: 'the application\'s process is stopped (SIGSTOP) while its store is idle and while it connects, and goes on after 65 s',
  long: { forMs: 65_000, connectionOptions: {} },
  short: {
    forMs: 6000,
    connectionOptions: { serverSelectionTimeoutMS: 4000, connectTimeoutMS: 4000, socketTimeoutMS: 4000, heartbeatFrequencyMS: 500 }
  },
  run
};
