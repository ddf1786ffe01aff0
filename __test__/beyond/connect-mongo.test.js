'use strict';

/** What connect-mongo itself stored, through this store: its own code writes and reads. */

const assert = require('node:assert/strict');
const { default: MongoStore } = require('connect-mongo');
const { useStores } = require('../support/stores');

const DAY_MS = 86_400_000;
const session = (more) => ({
  cookie: { path: '/', httpOnly: true, originalMaxAge: DAY_MS, expires: new Date(Date.now() + DAY_MS).toISOString() },
  passport: { user: 'ada' }, cart: [{ id: 1, count: 2 }], ...more
});

describe('sessions of connect-mongo', () => {
  const stores = useStores();
  const theirs = [];

  function connectMongo(store, options) {
    const { collection } = store.options;
    const other = MongoStore.create({ mongoUrl: stores.uri, dbName: stores.databaseName, collectionName: collection, ...options });
    theirs.push(other);
    return {
      set: (sid, value) => new Promise((resolve, reject) => other.set(sid, value, (error) => (error ? reject(error) : resolve()))),
      get: (sid) => new Promise((resolve, reject) => other.get(sid, (error, found) => (error ? reject(error) : resolve(found))))
    };
  }

  afterEach(() => Promise.all(theirs.splice(0).map((store) => store.close())));

  const WAYS = {
    'as JSON text, its default': {}, 'as documents': { stringify: false }, 'with touchAfter': { touchAfter: 3600 },
    'with timestamps': { timestamps: true, stringify: false }, 'with transformId': { transformId: (sid) => `sess:${sid}` }
  };
  for (const [way, options] of Object.entries(WAYS)) {
    it(`are read, touched, saved and read again: ${way}`, async () => {
      const { transformId } = options;
      const store = await stores.connected(transformId ? { transformId } : {});
      const { set } = connectMongo(store, options);
      const stored = session();
      await set('sid', stored);
      const loaded = await store.get('sid');
      assert.deepEqual(JSON.parse(JSON.stringify(loaded)), stored);
      const expires = new Date(Date.now() + 2 * DAY_MS);
      await store.touch('sid', { ...loaded, cookie: { ...loaded.cookie, expires } });
      assert.deepEqual((await stores.rows(store).findOne()).expires, expires);
      assert.deepEqual((await store.get('sid')).passport, { user: 'ada' });
      await store.set('sid', { ...loaded, visits: 2 });
      const { visits, cart } = await store.get('sid');
      assert.deepEqual([visits, cart], [2, stored.cart]);
      assert.equal(typeof (await stores.rows(store).findOne()).session, 'object');
    });
  }

  it('connect-mongo with stringify: false reads what this store wrote', async () => {
    const store = await stores.connected();
    const { get } = connectMongo(store, { stringify: false });
    await store.set('sid', session());
    const found = await get('sid');
    assert.deepEqual(found.cart, session().cart);
  });

  it('connect-mongo with its default reads what this store wrote with serialize: JSON.stringify', async () => {
    const store = await stores.connected({ serialize: JSON.stringify });
    const { get } = connectMongo(store, {});
    await store.set('sid', session());
    assert.deepEqual((await get('sid')).cart, session().cart);
  });

  it('that it encrypted are errors', async () => {
    const store = await stores.connected();
    const { set } = connectMongo(store, { crypto: { secret: 'squirrel squirrel squirrel squirrel' } });
    await set('sid', session());
    await assert.rejects(store.get('sid'), /^(Type)?Error: Error finding sid: the stored session is a string that is not JSON$/);
  });
});
