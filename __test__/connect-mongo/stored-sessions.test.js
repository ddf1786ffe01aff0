'use strict';

/** What connect-mongo itself stored, through this store: its own code writes and reads. */

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const { EJSON } = require('bson');
const { default: MongoStore } = require('connect-mongo');
const { useStores } = require('../support/stores');
const versions = require('./versions/versions.json');

const DAY_MS = 86_400_000;
/** Of the documents of earlier versions. */
const EXPIRES = new Date('2099-12-31T23:59:59.000Z');
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
    await assert.rejects(store.get('sid'), {
      name: 'TypeError', message: 'Error finding sid: the stored session is a string that is not JSON; connect-mongo stores encrypted ones so'
    });
  });

  /** What earlier versions stored; `connect-mongo/generate.js` let them. */
  for (const [version, { sessions }] of Object.entries(versions)) {
    describe(`of version ${version}`, () => {
      const ours = { 'by default': {}, 'with crypto': { crypto: { secret: randomBytes(32) } }, 'with partialUpdates': { partialUpdates: true, touchAfter: 60 } };
      const sidOf = (way) => (way === 'with transformId' ? { transformId: (sid) => `sess:${sid}` } : {});

      /** What is to be read: connect-mongo's touches leave the cookie in a text behind the expiry. */
      function expected(way) {
        const { document, session: { cookie, ...data } } = sessions[way];
        return { ...data, cookie: typeof document.session === 'string' ? { ...cookie, expires: EXPIRES.toISOString() } : cookie };
      }

      /** A store that finds a document where connect-mongo left it. */
      async function found(way, options) {
        const store = await stores.connected({ ...options, ...sidOf(way) });
        // Before version 4 encrypted ones got the expiry of the option ttl: the date would pass.
        const document = { ...EJSON.deserialize(sessions[way].document), expires: EXPIRES };
        await stores.rows(store).insertOne(document);
        return store;
      }

      for (const way of Object.keys(sessions).filter((each) => !each.startsWith('encrypted'))) {
        for (const [setting, options] of Object.entries(ours)) {
          it(`are read, touched, saved and read again: ${way}, here ${setting}`, async () => {
            const store = await found(way, options);
            const plain = async () => JSON.parse(JSON.stringify(await store.get('sid')));
            assert.deepEqual(await plain(), expected(way));
            assert.deepEqual(JSON.parse(JSON.stringify((await store.all())[0].session)), expected(way));
            const loaded = await store.get('sid');
            const expires = new Date('2099-12-31T23:59:59.999Z');
            await store.touch('sid', { ...loaded, cookie: { ...loaded.cookie, expires } });
            assert.deepEqual((await stores.rows(store).findOne()).expires, expires);
            const renewed = await store.get('sid');
            const { cookie, ...data } = sessions[way].session;
            await store.set('sid', Object.assign(renewed, { visits: 2 }));
            const { cookie: kept, ...saved } = await plain();
            assert.deepEqual(saved, { ...data, visits: 2 });
            assert.deepEqual({ ...kept, expires: cookie.expires }, cookie);
            assert.equal(await store.length(), 1);
            await store.destroy('sid');
            assert.equal(await store.length(), 0);
          });
        }
      }

      for (const way of Object.keys(sessions).filter((each) => each.startsWith('encrypted'))) {
        for (const [setting, options] of Object.entries(ours)) {
          it(`are errors: ${way}, here ${setting}`, async () => {
            const store = await found(way, options);
            await assert.rejects(store.get('sid'), { name: 'TypeError', message: /^Error finding sid: the stored session .*connect-mongo/ });
            await assert.rejects(store.all(), { name: 'TypeError', message: /^Error gathering sessions: sid: the stored session .*connect-mongo/ });
          });
        }
      }
    });
  }

  for (const [what, stored, message] of [
    ['a number', '7', /is JSON, but no object/], ['null', 'null', /is JSON, but no object/], ['an array', '[]', /is JSON, but no object/],
    ['nothing', '', /is a string that is not JSON/]
  ]) {
    it(`a text that is no session is an error: ${what}`, async () => {
      const store = await stores.connected();
      await stores.rows(store).insertOne({ _id: 'sid', session: stored, expires: new Date(Date.now() + DAY_MS) });
      await assert.rejects(store.get('sid'), { name: 'TypeError', message });
    });
  }
});
