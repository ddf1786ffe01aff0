'use strict';

const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const { channel } = require('node:diagnostics_channel');
const path = require('node:path');
const { isAskedFor } = require('../../lib/store/observe/debug');
const { node } = require('../loading/run');
const { useConnections, useServer } = require('../support/connections');
const { FAIL_POINTS, withFailPoint } = require('../support/fail-point');
const { uniqueName } = require('../support/server');
const { eventually, useStores } = require('../support/stores');

const ROOT = path.join(__dirname, '..', '..');
const hashed = (id) => createHash('sha256').update(id).digest('hex').slice(0, 8);

/** One failed operation: the collection's stub fails, so the server need not. */
async function failing(store) {
  store.collection.findOne = async () => { throw new Error('no such luck'); };
  await assert.rejects(store.get('a'));
  delete store.collection.findOne;
}

describe('seeing inside', () => {
  const stores = useStores();

  describe('stats()', () => {
    it('is empty at first', async () => {
      const store = await stores.connected();
      // The indexes were made on a connection that is given back a moment after the answer.
      await eventually(() => store.stats().pool.inUse === 0);
      const { pool, ...numbers } = store.stats();
      const none = { count: 0, operations: 0, largest: 0, failed: 0 };
      assert.deepEqual(numbers, {
        pending: 0, operations: {}, queue: { waiting: 0, waitingBytes: 0, underWay: 0 },
        commands: { find: none, update: none, delete: none, retries: 0 }
      });
      assert.ok(pool.open >= 1, JSON.stringify(pool));
    });

    it('counts commands, and how many operations shared the largest', async () => {
      const store = await stores.connected();
      await Promise.all(Array.from({ length: 100 }, (_, n) => store.set(`sid${n}`, { cookie: {} })));
      // The last command is counted when all that it carried are answered.
      await eventually(() => store.stats().commands.update.operations === 100);
      const { update, retries } = store.stats().commands;
      assert.ok(update.count < 50 && update.largest > 2, JSON.stringify(update));
      assert.equal(retries, 0);
      await store.close();
      assert.deepEqual(Object.keys(store.stats()), ['pending', 'operations']);
    });

    it('tells what waits', async () => {
      const store = await stores.connected({ connectionOptions: { maxPoolSize: 1, appName: 'waiting' } });
      let most = 0;
      // On a busy machine the queue may be worked off before this thread has its next turn.
      for (let round = 0; round < 20 && most <= 100_000; round++) {
        const all = Promise.all(Array.from({ length: 2000 }, (_, n) => store.set(`sid${n}`, { cookie: {}, text: 'x'.repeat(1000) })));
        let open = true;
        all.finally(() => { open = false; });
        while (open) {
          most = Math.max(most, store.stats().queue.waitingBytes);
          await new Promise(setImmediate);
        }
      }
      assert.ok(most > 100_000, `${most}`);
      // A command is over a moment after its answers have gone out.
      await eventually(() => store.stats().queue.underWay === 0);
      assert.deepEqual(store.stats().queue, { waiting: 0, waitingBytes: 0, underWay: 0 });
    });

    it('counts operations and errors by method', async () => {
      const store = await stores.connected();
      for (const id of ['a', 'b', 'c']) await store.set(id, { cookie: {} });
      await store.get('a');
      await failing(store);
      const { pending, operations } = store.stats();
      assert.equal(pending, 0);
      assert.deepEqual(Object.keys(operations).sort(), ['get', 'set']);
      assert.deepEqual([operations.set.count, operations.set.errors], [3, 0]);
      assert.deepEqual([operations.get.count, operations.get.errors], [2, 1]);
    });

    it('knows what is under way', async () => {
      const store = await stores.connected();
      const both = Promise.all([store.get('a'), store.length()]);
      assert.equal(store.stats().pending, 2);
      await both;
      assert.equal(store.stats().pending, 0);
    });

    it('measures how long operations take', async () => {
      const store = await stores.connected();
      store.collection.findOne = () => new Promise((resolve) => setTimeout(resolve, 50, null));
      await store.get('a');
      const { meanMS, p50MS, p99MS } = store.stats().operations.get;
      assert.ok(meanMS >= 49 && meanMS < 5000, `mean ${meanMS}`);
      assert.ok(p50MS >= meanMS * 0.999 && p50MS <= meanMS * 1.26, `p50 ${p50MS}, mean ${meanMS}`);
      assert.equal(p99MS, p50MS);
    });

    it('has a histogram of how long they took', async () => {
      const store = await stores.connected();
      for (const ms of [50, 1, 50, 50]) {
        store.collection.findOne = () => new Promise((resolve) => setTimeout(resolve, ms, null));
        await store.get('a');
      }
      const { count, p50MS, p99MS, histogram } = store.stats().operations.get;
      assert.equal(histogram.reduce((sum, entry) => sum + entry.count, 0), count);
      assert.deepEqual(histogram, [...histogram].sort((a, b) => a.upToMS - b.upToMS));
      // A timer may be early by a part of a millisecond.
      assert.equal(histogram.filter(({ upToMS }) => upToMS >= 49).reduce((sum, entry) => sum + entry.count, 0) >= 3, true);
      assert.ok(histogram.some(({ upToMS }) => upToMS === p50MS) && histogram.at(-1).upToMS === p99MS, JSON.stringify(histogram));
    });

    describe('on a server with faults', () => {
      const server = useServer({ args: FAIL_POINTS });
      const connections = useConnections();

      it('counts commands that were sent again', async () => {
        const appName = uniqueName('retries');
        const store = await connections.store(`${server.uri}?appName=${appName}`);
        const admin = await connections.node(server.uri);
        const shuttingDown = 91;
        await withFailPoint(admin, { failCommands: ['update', 'find'], appName, errorCode: shuttingDown }, async () => {
          await store.set('a', { cookie: {} });
        }, { times: 1 });
        // A command is counted a moment after its answers have gone out.
        await eventually(() => store.stats().commands.update.count === 1);
        const { retries, update } = store.stats().commands;
        assert.deepEqual([retries, update.failed], [1, 0]);
        assert.deepEqual((await store.get('a')), { cookie: {} });
      });
    });
  });

  describe('diagnostics_channel', () => {
    const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

    async function watched(work) {
      const heard = [];
      const listeners = EVENTS.map((event) => {
        const one = channel(`tracing:connect-mongodb-session:operation:${event}`);
        const listener = (message) => heard.push({ event, message, copy: { ...message } });
        one.subscribe(listener);
        return () => one.unsubscribe(listener);
      });
      try {
        await work();
      } finally {
        for (const stop of listeners) stop();
      }
      return heard;
    }

    it('tells of an operation, from its call to its end', async () => {
      const store = await stores.connected();
      const heard = await watched(() => store.set('a-secret-id', { cookie: {} }));
      assert.deepEqual(heard.map(({ event }) => event), ['start', 'end', 'asyncStart', 'asyncEnd']);
      assert.equal(new Set(heard.map(({ message }) => message)).size, 1);
      assert.deepEqual(heard[0].copy, {
        operation: 'set', session: hashed('a-secret-id'), database: store.db.databaseName, collection: store.options.collection
      });
      assert.ok(heard[3].copy.durationMs > 0);
    });

    it('tells of an error', async () => {
      const store = await stores.connected();
      const heard = await watched(() => failing(store));
      assert.deepEqual(heard.map(({ event }) => event), ['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
      assert.equal(heard[2].copy.error.message, 'no such luck');
    });
  });

  it('tells subscribers of commands, and how many operations were in each, until nobody listens', async () => {
    const commands = channel('connect-mongodb-session:command');
    const store = await stores.connected();
    const heard = [];
    const listen = (message) => heard.push(message);
    commands.subscribe(listen);
    try {
      await Promise.all([store.set('a', { cookie: {} }), store.set('b', { cookie: {} })]);
      while (heard.reduce((sum, { operations }) => sum + operations, 0) < 2) await new Promise(setImmediate);
    } finally {
      commands.unsubscribe(listen);
    }
    const { databaseName: database } = store.db;
    for (const { durationMs, operations, ...rest } of heard) {
      assert.ok(durationMs > 0 && operations >= 1);
      assert.deepEqual(rest, { command: 'update', failed: false, database, collection: store.options.collection });
    }
    const count = heard.length;
    await store.get('a');
    assert.equal(heard.length, count);
  });

  describe('DEBUG', () => {
    for (const [patterns, asked] of [
      [undefined, false], ['', false], ['connect-mongodb-session', true], ['*', true], ['express:*,connect-*', true],
      ['connect-mongo', false], ['express connect-mongodb-session', true], ['*,-connect-mongodb-session', false],
      ['-connect-*,*', false], ['*,-express', true], ['connect.mongodb.session', false]
    ]) {
      it(`${asked ? 'is meant' : 'is not meant'} by ${JSON.stringify(patterns)}`, () => {
        assert.equal(isAskedFor(patterns), asked);
      });
    }

    const run = (DEBUG) => node(['-e', `
      const MongoDBStore = require(${JSON.stringify(ROOT)})(require('express-session'));
      const store = new MongoDBStore({ uri: ${JSON.stringify(stores.uri)}, collection: 'debugged' });
      store.on('error', () => {});
      (async () => {
        await store.set('a-secret-id', { cookie: {}, content: 'a-secret' });
        await store.set('a-secret-id', { cookie: null, content: 'a-secret' }).catch(() => {});
        await store.close();
      })();
    `], { env: { DEBUG } });

    it('writes a line for each operation, with neither ids nor sessions', async () => {
      const { code, output } = await run('connect-mongodb-session');
      assert.equal(code, 0, output);
      const lines = output.trim().split('\n').map((line) => line.replace(/^\S+Z /, '').replace(/[\d.]+ ms/, '1 ms'));
      const name = `connect-mongodb-session set ${hashed('a-secret-id')} 1 ms`;
      assert.deepEqual(lines, [name, `${name} TypeError`, 'connect-mongodb-session close 1 ms']);
      assert.doesNotMatch(output, /a-secret/);
    });

    it('writes nothing without it', async () => {
      assert.equal((await run('')).output, '');
    });
  });
});
