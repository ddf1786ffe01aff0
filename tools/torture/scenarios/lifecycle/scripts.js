'use strict';

/**
 * What a process does while operations are under way, as source text. Each starts with `open`, which gives a store
 * of the contestant on the scenario's server, and `busy`, which keeps eight operations under way on one.
 */

/** @returns {string} the beginning of every script */
function prelude(module, uri) {
  return `
    const expressSession = require(${JSON.stringify(require.resolve('express-session'))});
    const MODULE = ${JSON.stringify(module)};
    const open = (from = MODULE) => {
      const Store = require(from)(expressSession);
      const store = new Store({ uri: ${JSON.stringify(uri)} }, (error) => { if (error) throw error; });
      return store;
    };
    const session = (n) => ({ n, cookie: { originalMaxAge: 60000, expires: new Date(Date.now() + 60000) } });
    const busy = (store, after, then) => {
      let n = 0;
      const next = () => {
        if (++n === after) then();
        store[n % 2 ? 'set' : 'get']('busy' + n % 50, ...(n % 2 ? [session(n)] : []), (error) => { if (error) throw error; next(); });
      };
      for (let i = 0; i < 8; i++) next();
    };
  `;
}

/** In each, what the process must end with: an exit code, or the signal that it was sent. */
const SCRIPTS = [
  { name: 'process.exit in the middle of operations', source: 'busy(open(), 30, () => process.exit(5));', code: 5, repeat: true },
  { name: 'an uncaught exception in the middle of operations', source: "busy(open(), 30, () => setImmediate(() => { throw new Error('mine'); }));", code: 1, repeat: true },
  { name: 'SIGTERM in the middle of operations', source: "busy(open(), 30, () => process.kill(process.pid, 'SIGTERM'));", signal: 'SIGTERM', repeat: true },
  {
    name: 'SIGTERM with a handler that closes the store',
    source: `const store = open();
      process.on('SIGTERM', () => store.client.close().then(() => process.exit(0)));
      process.on('uncaughtException', () => {});
      busy(store, 30, () => process.kill(process.pid, 'SIGTERM'));`,
    code: 0,
    repeat: true
  },
  {
    name: 'a cluster of workers, each with a store, and the primary with one',
    source: `const cluster = require('cluster');
      const store = open();
      if (cluster.isPrimary) {
        let left = 4;
        for (let i = 0; i < 4; i++) cluster.fork().on('exit', (code) => { if (code !== 0) process.exit(9); if (--left === 0) store.get('busy1', (error) => process.exit(error ? 8 : 0)); });
        store.set('primary', session(1), () => {});
      } else {
        busy(store, 200, () => process.exit(0));
      }`,
    code: 0
  },
  {
    name: 'module resets: loaded anew twenty times, as test runners do',
    source: `(async () => {
        for (let i = 0; i < 20; i++) {
          for (const file of Object.keys(require.cache)) delete require.cache[file];
          const store = open();
          await store.initialConnectionPromise;
          await new Promise((resolve) => store.set('reset', session(i), resolve));
          const got = await new Promise((resolve) => store.get('reset', (error, value) => resolve(value)));
          if (got.n !== i) process.exit(9);
          await store.client.close();
        }
      })();`,
    code: 0
  },
  { name: 'a script that does one get ends by itself', source: "open().get('nobody', (error) => { if (error) throw error; });", code: 0, bySelf: true }
];

/** Worker threads that are terminated in the middle of operations, beside a store of the main thread's. */
function workers(count) {
  return `const { Worker, isMainThread, parentPort } = require('worker_threads');
    if (!isMainThread) {
      busy(open(), 20, () => parentPort.postMessage('busy'));
    } else (async () => {
      const fs = require('fs');
      const store = open();
      const threads = () => { try { return fs.readdirSync('/proc/self/task').length; } catch { return 0; } };
      let before;
      for (let i = 0; i < ${count}; i++) {
        const worker = new Worker(__filename);
        await new Promise((resolve, reject) => { worker.once('message', resolve); worker.once('error', reject); });
        await worker.terminate();
        await new Promise((resolve, reject) => store.set('main', session(i), (error) => (error ? reject(error) : resolve())));
        if (i === Math.min(9, ${count} >> 1)) before = threads();
      }
      // A thread that ends is listed for a moment longer.
      for (const deadline = Date.now() + 10_000; threads() > before && Date.now() < deadline;) await new Promise(setImmediate);
      console.log(JSON.stringify({ more: threads() - before }));
      process.exit(0);
    })();`;
}

/** Two copies of the package in one process. */
function twoCopies(copy) {
  return `const stores = [open(), open(${JSON.stringify(copy)})];
    if (require(MODULE) === require(${JSON.stringify(copy)})) process.exit(7);
    Promise.all(stores.map((store) => store.initialConnectionPromise)).then(() => stores[0].set('copies', session(1), (error) => {
      if (error) throw error;
      stores[1].get('copies', async (failure, value) => {
        if (failure) throw failure;
        for (const store of stores) await store.client.close();
        process.exitCode = value.n === 1 ? 0 : 9;
      });
    }));`;
}

module.exports = { SCRIPTS, prelude, twoCopies, workers };
