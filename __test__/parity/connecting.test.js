'use strict';

const assert = require('node:assert/strict');
const session = require('express-session');
const impl = require('../support/impl');
const { useStores, ask, eventually } = require('../support/stores');
const { difference } = require('./differences');

describe(`connecting [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();

  /** Construct; wait for the callback, and some turns in which more could come; all that happened, in order. */
  async function history(options) {
    const events = [];
    const store = await new Promise(resolve => {
      const made = stores.open(options, function(error) {
        events.push({ what: 'callback', error, count: arguments.length });
        resolve(made);
      });
      made.on('error', error => events.push({ what: 'error', error }));
      made.on('connected', function() {
        events.push({ what: 'connected', count: arguments.length });
      });
    });
    await store.initialConnectionPromise;
    for (let n = 0; n < 5; n++) {
      await new Promise(resolve => setImmediate(resolve));
    }
    return { store, events, names: events.map(event => event.what) };
  }

  async function indexes(store) {
    return await stores.rows(store).indexes();
  }

  describe('when all goes well', () => {
    it('emits connected, then calls back, both without arguments', async () => {
      const { events } = await history({});
      assert.deepEqual(events, [
        { what: 'connected', count: 0 },
        { what: 'callback', error: undefined, count: 0 }
      ]);
    });

    it('has created the TTL index by then', async () => {
      const store = stores.open();
      await new Promise(resolve => store.on('connected', resolve));
      const found = (await indexes(store)).find(index => index.name === 'expires_1');
      assert.deepEqual(found.key, { expires: 1 });
      assert.equal(found.expireAfterSeconds, 0);
    });

    it('creates the TTL index on expiresKey with expiresAfterSeconds', async () => {
      const store = await stores.connected({ expiresKey: '_ts', expiresAfterSeconds: 60 * 60 * 24 * 14 });
      const found = (await indexes(store)).find(index => index.name === '_ts_1');
      assert.deepEqual(found.key, { _ts: 1 });
      assert.equal(found.expireAfterSeconds, 1209600);
    });

    it('takes an index that is already there', async () => {
      const first = await stores.connected({ expiresAfterSeconds: 5 });
      await stores.connected({ collection: first.options.collection, expiresAfterSeconds: 5 });
      assert.equal((await indexes(first)).length, 2);
    });

    it('emits connected to a listener added with once, once', async () => {
      const store = stores.open();
      let times = 0;
      store.once('connected', () => times++);
      await store.initialConnectionPromise;
      await eventually(() => times);
      assert.equal(times, 1);
    });

    it('uses one store from two sessions at the same time', async () => {
      const store = await stores.connected();
      await Promise.all([1, 2].map(n => ask(store, 'set', `s${n}`, { cookie: {}, n })));
      assert.equal(await stores.rows(store).countDocuments(), 2);
    });
  });

  describe('an index that cannot be created', () => {
    const CASES = [
      ['an empty collection name', () => ({ collection: '' }),
        () => `Error creating index: Invalid namespace specified '${stores.databaseName}.'`],
      ['a database name with a space', () => ({ databaseName: 'a b', collection: 'sessions' }),
        () => 'Error creating index: Invalid namespace specified \'a b.sessions\'']
    ];
    for (const [label, options, message] of CASES) {
      it(`is reported to the listener, then to the callback: ${label}`, async () => {
        const { events } = await history(options());
        assert.equal(events[0].what, 'error');
        assert.equal(events[1].what, 'callback');
        assert.equal(events[0].error, events[1].error);
        assert.equal(events[0].error.message, message());
      });
    }

    it('is reported when one of that name indexes otherwise', async () => {
      await stores.db.collection('sparse').createIndex({ expires: 1 }, { partialFilterExpression: { session: { $exists: true } } });
      const { events } = await history({ collection: 'sparse' });
      assert.equal(events[0].what, 'error');
      assert.match(events[0].error.message,
        /^Error creating index: An existing index has the same name as the requested index\./);
    });

    it('leaves a store that works', async () => {
      await stores.db.collection('worksAnyway').createIndex({ expires: 1 }, { partialFilterExpression: { session: { $exists: true } } });
      const { store } = await history({ collection: 'worksAnyway' });
      await ask(store, 'set', 'sid', { cookie: {}, n: 1 });
      assert.equal((await ask(store, 'get', 'sid')).n, 1);
      assert.equal(await store.initialConnectionPromise, store.client);
    });

    difference('index-error-callback-once', {
      original: async () => {
        const { names, events } = await history({ collection: '' });
        assert.deepEqual(names, ['error', 'callback', 'connected', 'callback']);
        assert.equal(events[3].error, undefined);
      },
      ours: async () => {
        const { names } = await history({ collection: '' });
        assert.deepEqual(names.filter(name => name !== 'connected'), ['error', 'callback']);
      }
    });

    difference('error-cause', {
      aspect: 'creating the index',
      original: async () => {
        const { events } = await history({ collection: '' });
        assert.equal(events[0].error.cause, undefined);
      },
      ours: async () => {
        const { events } = await history({ collection: '' });
        const { cause } = events[0].error;
        assert.equal(cause.name, 'MongoServerError');
        assert.equal(cause.code, 73);
        assert.equal(cause.codeName, 'InvalidNamespace');
        assert.ok(Array.isArray(cause.errorLabels));
        assert.ok(cause instanceof impl.driver.MongoServerError);
      }
    });
  });

  describe('a TTL index with another lifetime', () => {
    difference('ttl-changed-in-place', {
      original: async () => {
        const { events } = await twice(5, 6);
        assert.equal(events[0].what, 'error');
        assert.match(events[0].error.message, /^Error creating index: An equivalent index already exists/);
      },
      ours: async () => {
        const { events, store } = await twice(5, 6);
        assert.deepEqual(events.map(event => event.what), ['connected', 'callback']);
        assert.equal(events[1].error, undefined);
        const found = (await indexes(store)).find(index => index.name === 'expires_1');
        assert.equal(found.expireAfterSeconds, 6);
      }
    });

    difference('ttl-changed-in-place', {
      aspect: 'a lifetime the server refuses is the original\'s error',
      ours: async () => {
        const { events, store } = await twice(5, -6);
        assert.equal(events[0].what, 'error');
        assert.match(events[0].error.message, /^Error creating index: /);
        const found = (await indexes(store)).find(index => index.name === 'expires_1');
        assert.equal(found.expireAfterSeconds, 5);
      }
    });

    async function twice(first, second) {
      const store = await stores.connected({ expiresAfterSeconds: first });
      return await history({ collection: store.options.collection, expiresAfterSeconds: second });
    }
  });

  describe('an index on the expiry without a lifetime', () => {
    async function opened() {
      const collection = `plain${Date.now()}`;
      await stores.db.createCollection(collection);
      await stores.db.collection(collection).createIndex({ expires: 1 });
      return history({ collection });
    }

    difference('plain-index-made-ttl', {
      original: async () => {
        const { events } = await opened();
        assert.equal(events[0].what, 'error');
        assert.match(events[0].error.message, /^Error creating index: An equivalent index already exists/);
      },
      ours: async () => {
        const { events, store } = await opened();
        assert.deepEqual(events.map(event => event.what), ['connected', 'callback']);
        assert.equal((await indexes(store)).find(index => index.name === 'expires_1').expireAfterSeconds, 0);
      }
    });
  });

  describe('a custom idField', () => {
    difference('id-field-index', {
      original: async () => {
        const store = await stores.connected({ idField: 'sessionId' });
        assert.equal(await idIndex(store), undefined);
      },
      ours: async () => {
        const store = await stores.connected({ idField: 'sessionId' });
        assert.equal((await idIndex(store)).unique, true);
      }
    });

    difference('id-field-index', {
      aspect: 'parallel first writes of one session make one document',
      ours: async () => {
        const store = await stores.connected({ idField: 'sessionId' });
        const other = await stores.connected({ idField: 'sessionId', collection: store.options.collection });
        await Promise.all(Array.from({ length: 20 }, (_, n) =>
          ask(n % 2 ? store : other, 'set', 'sid', { cookie: {}, n })));
        assert.equal(await stores.rows(store).countDocuments({ sessionId: 'sid' }), 1);
      }
    });

    difference('id-field-index', {
      aspect: 'over duplicates that the original left, without deleting any',
      ours: async () => {
        const collection = 'duplicates';
        await stores.db.collection(collection).insertMany([1, 2].map(n => ({ sessionId: 'sid', session: { n } })));
        const store = await stores.connected({ idField: 'sessionId', collection });
        const index = await idIndex(store);
        assert.ok(index);
        assert.notEqual(index.unique, true);
        assert.equal(await stores.rows(store).countDocuments({ sessionId: 'sid' }), 2);
        assert.ok([1, 2].includes((await ask(store, 'get', 'sid')).n));
      }
    });

    async function idIndex(store) {
      return (await indexes(store)).find(index => index.key.sessionId === 1);
    }
  });

  describe('a server that cannot be reached', () => {
    const REFUSED = { uri: 'mongodb://127.0.0.1:1/test', connectionOptions: { serverSelectionTimeoutMS: 200 } };
    // Also on a busy machine, what was tried has failed by then: the error has the reason.
    const patient = { serverSelectionTimeoutMS: 2000 };

    it('is reported to the listener, then to the callback', async () => {
      const started = Date.now();
      const { events } = await history({ ...REFUSED, connectionOptions: patient });
      const took = Date.now() - started;
      assert.deepEqual(events.map(event => event.what), ['error', 'callback']);
      assert.equal(events[0].error, events[1].error);
      assert.match(events[0].error.message, /^Error connecting to db: /);
      assert.match(events[0].error.message, /127\.0\.0\.1:1\b/);
      assert.match(events[0].error.message, /refused/i);
      // The default is 30 seconds.
      assert.ok(took >= 1950 && took < 15_000, `after serverSelectionTimeoutMS, not ${took} ms`);
    });

    it('is reported by name when the host is unknown', async () => {
      const { events } = await history({ uri: 'mongodb://nowhere.invalid/test', connectionOptions: patient });
      assert.deepEqual(events.map(event => event.what), ['error', 'callback']);
      assert.match(events[0].error.message, /^Error connecting to db: .*nowhere\.invalid/);
    });

    it('resolves initialConnectionPromise with nothing, as the callback had the error', async () => {
      const { store } = await history(REFUSED);
      assert.equal(await store.initialConnectionPromise, undefined);
    });

    it('rejects initialConnectionPromise when there is no callback', async () => {
      const Store = impl.factory(session);
      const store = stores.track(new Store(REFUSED));
      await assert.rejects(store.initialConnectionPromise, /^Error: Error connecting to db: /);
    });

    difference('error-cause', {
      aspect: 'connecting',
      original: async () => {
        const { events } = await history(REFUSED);
        assert.equal(events[0].error.cause, undefined);
      },
      ours: async () => {
        const { events } = await history(REFUSED);
        assert.equal(events[0].error.cause.name, 'MongoServerSelectionError');
        assert.ok(events[0].error.cause instanceof impl.driver.MongoServerSelectionError);
      }
    });
  });
});
