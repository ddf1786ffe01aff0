'use strict';

const assert = require('node:assert/strict');
const { default: MongoStore } = require('connect-mongo');
const { ask, call, useStores } = require('../support/stores');

describe('events', () => {
  const stores = useStores();

  /** What listeners and callbacks hear, in order. */
  async function hearing(work) {
    const store = await stores.connected();
    const heard = [];
    for (const event of ['set', 'touch', 'destroy']) store.on(event, (...args) => heard.push([event, ...args]));
    await work(store, (...args) => heard.push(args));
    return heard;
  }

  it('set, touch and destroy have the arguments of connect-mongo and come before the callback', async () => {
    const session = { cookie: {} };
    const heard = await hearing(async (store, note) => {
      for (const [method, ...args] of [['set', 'a', session], ['touch', 'a', session], ['destroy', 'a']]) {
        await call(store, method, ...args);
        note(`${method} called back`);
      }
    });
    assert.deepEqual(heard, [
      ['set', 'a'], ['set called back'], ['touch', 'a', session], ['touch called back'], ['destroy', 'a'], ['destroy called back']
    ]);
    assert.equal(heard[2][2], session);
  });

  it('have the names, the arguments and the order of connect-mongo\'s', async () => {
    const ours = await stores.connected();
    const theirs = MongoStore.create({ mongoUrl: stores.uri, collectionName: 'theirs' });
    const heardOf = async (store) => {
      const heard = [];
      for (const event of ['create', 'update', 'set', 'touch', 'destroy']) store.on(event, (...args) => heard.push([event, ...args]));
      for (const [method, ...args] of [['set', 'a', { cookie: {}, n: 1 }], ['set', 'a', { cookie: {}, n: 2 }], ['touch', 'a', { cookie: {} }], ['destroy', 'a'], ['destroy', 'a']]) {
        await ask(store, method, ...args);
        // Theirs come before the callback or after it.
        await new Promise(setImmediate);
      }
      return heard;
    };
    try {
      const expected = await heardOf(theirs);
      assert.deepEqual(await heardOf(ours), expected);
      assert.deepEqual(expected.map(([event]) => event), ['create', 'set', 'update', 'set', 'touch', 'destroy', 'destroy']);
    } finally {
      await theirs.close();
    }
  });

  for (const options of [{}, { batching: false }, { partialUpdates: true }, { preventResurrection: true }, { idField: 'sid' }]) {
    it(`create or update comes before set: ${JSON.stringify(options)}`, async () => {
      const store = await stores.connected(options);
      const heard = [];
      for (const event of ['create', 'update', 'set']) store.on(event, (id) => heard.push(`${event} ${id}`));
      await Promise.all([store.set('a', { cookie: {} }), store.set('b', { cookie: {} })]);
      for (const sid of ['a', 'b']) assert.deepEqual(heard.filter((event) => event.endsWith(sid)), [`create ${sid}`, `set ${sid}`]);
      const loaded = await store.get('a');
      loaded.n = 1;
      await store.set('a', loaded);
      assert.deepEqual(heard.slice(4), ['update a', 'set a']);
    });
  }

  it('destroy of many ids is one for each', async () => {
    assert.deepEqual(await hearing((store) => store.destroy(['a', 'b'])), [['destroy', 'a'], ['destroy', 'b']]);
  });

  it('an operation that fails is none', async () => {
    assert.deepEqual(await hearing(async (store) => {
      store.on('error', () => {});
      await assert.rejects(store.set('a', { cookie: null }));
      await assert.rejects(store.destroy(7));
    }), []);
  });

  it('a listener that throws is one uncaught exception, and the callback runs', async () => {
    const store = await stores.connected();
    store.on('set', () => { throw new Error('from a listener'); });
    const others = process.listeners('uncaughtException');
    const uncaught = [];
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error.message));
    try {
      const { args } = await call(store, 'set', 'a', { cookie: {} });
      assert.equal(args[0], undefined);
      await store.get('a');
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of others) process.on('uncaughtException', listener);
    }
    assert.deepEqual(uncaught, ['from a listener']);
  });
});
