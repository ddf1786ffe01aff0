'use strict';

const assert = require('node:assert/strict');
const { ObjectId } = require('mongodb');
const impl = require('../support/impl');
const { useStores, call, ask, refusal } = require('../support/stores');
const { difference } = require('./differences');

const HOUR = 60 * 60 * 1000;

describe(`get [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();
  let collections = 0;
  const past = () => new Date(Date.now() - HOUR);
  const future = () => new Date(Date.now() + HOUR);

  /** A connected store and one document in its collection. */
  async function having(document, options) {
    const store = await stores.connected(options);
    await stores.rows(store).insertOne(document);
    return store;
  }

  /** A connected store whose collection takes `ADA` for `ada`, and a session of `ada`. */
  async function withoutCase() {
    const collation = { locale: 'en', strength: 2 };
    const { collectionName } = await stores.db.createCollection(`without-case-${++collections}`, { collation });
    return await having({ _id: 'ada', session: { of: 'ada' } }, { collection: collectionName });
  }

  it('calls back with null and the session when it is alive', async () => {
    const store = await having({ _id: 'sid', session: { user: 'ada', n: [1, { a: 2 }] }, expires: future() });
    const { args } = await call(store, 'get', 'sid');
    assert.deepEqual(args, [null, { user: 'ada', n: [1, { a: 2 }] }]);
  });

  it('calls back without arguments when there is none', async () => {
    const store = await stores.connected();
    const { args } = await call(store, 'get', 'nobody');
    assert.deepEqual(args, []);
  });

  it('calls back without arguments when it is expired, and deletes it', async () => {
    const store = await having({ _id: 'sid', session: { user: 'ada' }, expires: past() });
    const { args } = await call(store, 'get', 'sid');
    assert.deepEqual(args, []);
    assert.equal(await stores.rows(store).countDocuments(), 0);
  });

  it('takes a session without an expiry for alive', async () => {
    for (const document of [{}, { expires: null }]) {
      const store = await having({ _id: 'sid', session: { n: 1 }, ...document });
      assert.deepEqual(await ask(store, 'get', 'sid'), { n: 1 });
    }
  });

  it('never calls back synchronously', async () => {
    const store = await having({ _id: 'sid', session: {}, expires: future() });
    for (const sid of ['sid', 'nobody']) {
      assert.equal((await call(store, 'get', sid)).sync, false);
    }
  });

  it('returns undefined when it is given a callback', async () => {
    const store = await stores.connected();
    assert.equal((await call(store, 'get', 'nobody')).returned, undefined);
  });

  it('finds a session by a custom idField', async () => {
    const _id = new ObjectId();
    const store = await having({ _id, sessionId: 'sid', session: { n: 1 }, expires: future() },
      { idField: 'sessionId' });
    assert.deepEqual(await ask(store, 'get', 'sid'), { n: 1 });
    assert.equal(await ask(store, 'get', _id.toHexString()), undefined);
  });

  it('finds sessions by an idField within another', async () => {
    const store = await stores.connected({ idField: 'key.sid' });
    const ids = ['a', 'b', 'c'];
    await Promise.all(ids.map((sid) => ask(store, 'set', sid, { cookie: {}, sid })));
    const found = await Promise.all(ids.concat('nobody').map((sid) => ask(store, 'get', sid)));
    assert.deepEqual(found.map((session) => session?.sid), [...ids, undefined]);
    assert.deepEqual(await ask(store, 'get', 'b'), { cookie: {}, sid: 'b' });
  });

  difference('own-session', {
    original: async () => {
      const store = await withoutCase();
      assert.deepEqual(await ask(store, 'get', 'ADA'), { of: 'ada' });
    },
    ours: async () => {
      const store = await withoutCase();
      const refused = { message: 'Error finding ADA: the server answered with a document that has another id' };
      await assert.rejects(store.get('ADA'), refused);
      // In one command it shows which of the two the document is of, and that the other has none.
      const [right, wrong] = await Promise.allSettled(['ada', 'ADA'].map((sid) => store.get(sid)));
      assert.deepEqual([right.value, wrong.value], [{ of: 'ada' }, undefined]);
      const [other] = await Promise.allSettled(['ADA', 'nobody'].map((sid) => store.get(sid)));
      assert.equal(other.reason.message, refused.message);
      assert.deepEqual(await store.get('ada'), { of: 'ada' });
    }
  });

  difference('own-session', {
    aspect: 'a list in a custom idField',
    original: async () => {
      const store = await having({ sid: ['ada', 'bob'], session: { of: 'ada' } }, { idField: 'sid' });
      assert.deepEqual(await ask(store, 'get', 'bob'), { of: 'ada' });
    },
    ours: async () => {
      const store = await having({ sid: ['ada', 'bob'], session: { of: 'ada' } }, { idField: 'sid' });
      assert.match((await refusal(store, 'get', 'bob')).message, /^Error finding bob: .* another id$/);
    }
  });

  it('answers many at once, each with its own', async () => {
    const store = await stores.connected();
    const ids = Array.from({ length: 100 }, (_, n) => `s${n}`);
    await stores.rows(store).insertMany(ids.map(_id => ({ _id, session: { _id }, expires: future() })));
    const found = await Promise.all(ids.concat('nobody').map(sid => ask(store, 'get', sid)));
    assert.deepEqual(found, [...ids.map(_id => ({ _id })), undefined]);
  });

  it('sees what a completed set wrote', async () => {
    const store = await stores.connected();
    for (let n = 0; n < 20; n++) {
      await ask(store, 'set', 'sid', { cookie: {}, n });
      assert.equal((await ask(store, 'get', 'sid')).n, n);
    }
  });

  it('goes through store.collection, so that it can be stubbed', async () => {
    const store = await stores.connected();
    const asked = [];
    store.collection.findOne = async query => {
      asked.push(query);
      return { session: { stubbed: true }, expires: future() };
    };
    assert.deepEqual(await ask(store, 'get', 'sid'), { stubbed: true });
    assert.deepEqual(asked, [{ _id: 'sid' }]);
  });

  it('reports an error of the driver', async () => {
    const store = await stores.connected();
    store.collection.findOne = async () => { throw new Error('fail!'); };
    assert.equal((await refusal(store, 'get', 'a1')).message, 'Error finding a1: fail!');
  });

  difference('expires-key-read', {
    original: async () => {
      const store = await having({ _id: 'sid', session: { n: 1 }, validUntil: past() }, { expiresKey: 'validUntil' });
      assert.deepEqual(await ask(store, 'get', 'sid'), { n: 1 });
    },
    ours: async () => {
      const store = await having({ _id: 'sid', session: { n: 1 }, validUntil: past() }, { expiresKey: 'validUntil' });
      assert.equal(await ask(store, 'get', 'sid'), undefined);
      assert.equal(await stores.rows(store).countDocuments(), 0);
    }
  });

  difference('expires-key-read', {
    aspect: 'a field named expires means nothing then',
    original: async () => {
      assert.equal(await ask(await otherExpires(), 'get', 'sid'), undefined);
    },
    ours: async () => {
      assert.deepEqual(await ask(await otherExpires(), 'get', 'sid'), { n: 1 });
    }
  });

  async function otherExpires() {
    return await having({ _id: 'sid', session: { n: 1 }, validUntil: future(), expires: past() },
      { expiresKey: 'validUntil' });
  }

  it('reads a document whose _ts is a number (Cosmos writes it)', async () => {
    const store = await having({ _id: 'sid', session: { n: 1 }, _ts: 1500000000 }, { expiresKey: '_ts' });
    assert.deepEqual(await ask(store, 'get', 'sid'), { n: 1 });
  });

  for (const expires of [1500000000, '2001-01-01T00:00:00Z']) {
    difference('expiry-dates-only', {
      aspect: typeof expires,
      original: async () => {
        const store = await having({ _id: 'sid', session: { n: 1 }, expires });
        assert.equal(await ask(store, 'get', 'sid'), undefined);
        assert.equal(await stores.rows(store).countDocuments(), 0);
      },
      ours: async () => {
        const store = await having({ _id: 'sid', session: { n: 1 }, expires });
        assert.deepEqual(await ask(store, 'get', 'sid'), { n: 1 });
      }
    });
  }

  /** Reading gives a stale document while the collection holds a renewed one. */
  async function renewedMeanwhile() {
    const store = await having({ _id: 'sid', session: { n: 2 }, expires: future() });
    const findOne = store.collection.findOne;
    store.collection.findOne = async () => ({ _id: 'sid', session: { n: 1 }, expires: past() });
    await call(store, 'get', 'sid');
    store.collection.findOne = findOne;
    return await stores.rows(store).countDocuments({ _id: 'sid' });
  }

  difference('conditional-stale-delete', {
    original: async () => assert.equal(await renewedMeanwhile(), 0),
    ours: async () => assert.equal(await renewedMeanwhile(), 1)
  });

  difference('conditional-stale-delete', {
    aspect: 'also where store.collection.deleteOne is stubbed',
    original: async () => assert.deepEqual(await staleDeletion(), [{ _id: 'sid' }]),
    ours: async () => {
      const [filter, ...more] = await staleDeletion();
      assert.equal(more.length, 0);
      assert.equal(filter._id, 'sid');
      assert.ok(filter.expires instanceof Date);
    }
  });

  /** @returns the filters that a stubbed deleteOne gets for one expired session */
  async function staleDeletion() {
    const store = await having({ _id: 'sid', session: {}, expires: past() });
    const filters = [];
    store.collection.deleteOne = async filter => { filters.push(filter); };
    assert.deepEqual((await call(store, 'get', 'sid')).args, []);
    return filters;
  }

  difference('connect-mongo-sessions', {
    original: async () => {
      const store = await having({ _id: 'sid', session: '{"user":"ada","cookie":{}}', expires: future() });
      assert.equal(await ask(store, 'get', 'sid'), '{"user":"ada","cookie":{}}');
    },
    ours: async () => {
      const store = await having({ _id: 'sid', session: '{"user":"ada","cookie":{}}', expires: future() });
      assert.deepEqual(await ask(store, 'get', 'sid'), { user: 'ada', cookie: {} });
    }
  });

  difference('connect-mongo-sessions', {
    aspect: 'written by connect-mongo itself',
    ours: async () => {
      const { MongoStore } = await import('connect-mongo');
      const store = await stores.connected();
      const theirs = MongoStore.create({ client: stores.witness, dbName: stores.databaseName,
        collectionName: store.options.collection, autoRemove: 'disabled' });
      const session = { user: 'ada', cookie: { originalMaxAge: HOUR, expires: future().toISOString() } };
      await ask(theirs, 'set', 'sid', session);
      assert.deepEqual(await ask(store, 'get', 'sid'), session);
    }
  });
});
