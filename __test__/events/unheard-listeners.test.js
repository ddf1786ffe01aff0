'use strict';

/** Listeners that express-session adds, of events that a store without `degrade` never emits. */

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const { runStoreScript } = require('../support/child');
const { useStores } = require('../support/stores');

describe('listeners of connect and disconnect', () => {
  const stores = useStores();
  const counts = (store) => ['connect', 'disconnect'].map((event) => store.listenerCount(event));
  const use = (store) => expressSession({ secret: 'secret', store, resave: false, saveUninitialized: false });

  it('cost nothing and warn nobody without degrade, however often a middleware is made', async () => {
    const { warnings, uncaught, reports } = await runStoreScript(`
      const store = new Store({ uri, collection: 'listeners' });
      for (let n = 0; n < 100; n++) session({ secret: 'secret', store, resave: false, saveUninitialized: false });
      await store.initialConnectionPromise;
      await turn();
      report([store.listenerCount('connect'), store.listenerCount('disconnect')]);
      await store.close();`, { uri: stores.uri });
    assert.deepEqual({ warnings, uncaught, reports }, { warnings: [], uncaught: [], reports: [[0, 0]] });
  });

  it('are not kept in whichever way they are added, and what is no function is refused', async () => {
    const store = await stores.connected();
    for (const add of ['on', 'addListener', 'once']) {
      assert.equal(store[add]('connect', () => {}), store);
      assert.throws(() => store[add]('disconnect', 'no function'), { code: 'ERR_INVALID_ARG_TYPE' });
      store[add]('reconnected', () => {});
    }
    assert.deepEqual(counts(store), [0, 0]);
    assert.equal(store.listenerCount('reconnected'), 3);
  });

  it('are kept with degrade, which emits these events', async () => {
    const store = await stores.connected({ degrade: true });
    use(store);
    assert.deepEqual(counts(store), [1, 1]);
  });

  it('are kept by a store that waits for its client, until it is known', async () => {
    const client = Promise.resolve(stores.witness);
    const store = stores.track(new (require('../..')(expressSession))({ client, collection: 'awaited' }));
    use(store);
    await store.initialConnectionPromise;
    assert.deepEqual(counts(store), [1, 1]);
    use(store);
    assert.deepEqual(counts(store), [1, 1]);
    // Its client is the application's.
    stores.opened.splice(stores.opened.indexOf(store), 1);
    await store.close();
  });
});
