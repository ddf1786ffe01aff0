'use strict';

const assert = require('node:assert/strict');
const { pathToFileURL } = require('node:url');
const session = require('express-session');
const impl = require('../support/impl');
const { useStores, call, ask } = require('../support/stores');
const { difference } = require('./differences');

describe(`loading and construction [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();
  const options = () => ({ uri: stores.uri, collection: 'forms' });
  const roundTrip = async store => {
    stores.track(store);
    await ask(store, 'set', 'sid', { cookie: {}, user: 'ada' });
    assert.equal((await ask(store, 'get', 'sid')).user, 'ada');
  };

  describe('the factory', () => {
    it('makes a class that is a session.Store', async () => {
      const MongoDBStore = impl.factory(session);
      const store = new MongoDBStore(options());
      assert.ok(store instanceof session.Store);
      assert.ok(store instanceof MongoDBStore);
      assert.equal(typeof store.createSession, 'function');
      await roundTrip(store);
    });

    it('takes an object whose session has the Store (Express 3)', async () => {
      const MongoDBStore = impl.factory({ session: { Store: session.Store } });
      const store = new MongoDBStore(options());
      assert.ok(store instanceof session.Store);
      await roundTrip(store);
    });

    it('takes any object with a Store', async () => {
      await roundTrip(new (impl.factory({ Store: session.Store }))(options()));
    });

    it('takes a Store that is a plain function without an emitter', async () => {
      const received = [];
      function Plain(given) {
        received.push(given);
      }
      Plain.prototype = { plain: true };
      const MongoDBStore = impl.factory({ Store: Plain });
      const store = stores.track(new MongoDBStore(options()));
      assert.equal(store.plain, true);
      assert.deepEqual(received, [store.options], 'the Store is called with the cast options');
      const seen = [];
      store.on('connected', () => seen.push('on'));
      await new Promise(resolve => store.once('connected', resolve));
      assert.deepEqual(seen, ['on']);
      await roundTrip(store);
    });

    it('works inline, with new: new factory(session)({...})', async () => {
      const factory = impl.factory;
      await roundTrip(new factory(session)(options()));
      await roundTrip(new (factory(session))(options()));
    });

    it('is the default export of an ES module import', async () => {
      const namespace = await import(pathToFileURL(impl.modules.factory));
      assert.equal(namespace.default, impl.factory);
    });

    difference('factory-misuse', {
      aspect: 'new on the factory',
      original: () => {
        assert.throws(() => new impl.factory(options()), /Cannot read properties of undefined \(reading 'Store'\)/);
      },
      ours: () => {
        assert.throws(() => new impl.factory(options()), misuse);
        assert.throws(() => impl.factory(), misuse);
      }
    });

    difference('factory-misuse', {
      aspect: 'factory.MongoDBStore',
      original: () => {
        assert.throws(() => new impl.factory.MongoDBStore(options()), /is not a constructor/);
      },
      ours: () => {
        const { MongoDBStore } = impl.factory;
        assert.throws(() => new MongoDBStore(options()), misuse);
        assert.throws(() => MongoDBStore(options()), misuse);
      }
    });

    const misuse = error => error instanceof TypeError &&
      /require\('connect-mongodb-session'\)\((session|require\('express-session'\))\)/.test(error.message);
  });

  describe('the class', () => {
    it('constructs without new', async () => {
      const MongoDBStore = impl.factory(session);
      const store = MongoDBStore(options());
      assert.ok(store instanceof MongoDBStore);
      await roundTrip(store);
    });

    it('can be extended by an ES class that calls super', async () => {
      class Shouting extends impl.factory(session) {
        constructor(given, callback) {
          super(given, callback);
          this.shouts = 0;
        }

        get(sid, callback) {
          this.shouts++;
          super.get(sid, (error, found) => callback(error, found && { ...found, loud: true }));
        }
      }
      const store = new Shouting(options());
      assert.ok(store instanceof Shouting);
      assert.ok(store instanceof session.Store);
      await roundTrip(store);
      assert.equal((await ask(store, 'get', 'sid')).loud, true);
      assert.equal(store.shouts, 2);
    });

    it('can be extended with util.inherits and a method taken from the prototype', async () => {
      function Counted() {
        this.initialised = (this.initialised || 0) + 1;
      }
      require('node:util').inherits(Counted, session.Store);
      const MongoDBStore = impl.factory({ Store: Counted });
      function Old(given) {
        MongoDBStore.call(this, given);
      }
      require('node:util').inherits(Old, MongoDBStore);
      Old.prototype.get = function(sid, callback) {
        MongoDBStore.prototype.get.call(this, sid, callback);
      };
      const store = new Old(options());
      assert.ok(store instanceof Old);
      assert.equal(store.initialised, 1, 'the Store was called on it, once');
      await roundTrip(store);
    });

    it('takes options and a callback', async () => {
      const args = await new Promise(resolve => {
        stores.open({}, (...got) => resolve(got));
      });
      assert.deepEqual(args, []);
    });

    for (const [form, build] of [
      ['no options', Store => new Store()],
      ['a callback alone', Store => new Store(() => {})],
      ['null options', Store => new Store(null, () => {})],
      ['undefined options', Store => new Store(undefined, () => {})]
    ]) {
      it(`takes ${form}`, async () => {
        const store = build(impl.factory(session));
        // Whether a server listens on the default port is not this test's matter.
        store.on('error', () => {});
        store.initialConnectionPromise.catch(() => {});
        try {
          assert.equal(store.options.uri, 'mongodb://127.0.0.1:27017/test');
        } finally {
          await store.client.close();
        }
      });
    }
  });

  describe('a new store', () => {
    it('has its properties at once, own and enumerable', () => {
      const store = stores.open();
      const keys = Object.keys(store);
      for (const key of ['options', 'client', 'db', 'collection', 'initialConnectionPromise']) {
        assert.ok(keys.includes(key), key);
        assert.notEqual(store[key], null, key);
      }
      assert.equal(typeof store.initialConnectionPromise.then, 'function');
    });

    it('has the driver\'s client, db and collection', () => {
      const store = stores.open({ collection: 'named' });
      assert.ok(store.client instanceof impl.driver.MongoClient);
      assert.ok(store.collection instanceof impl.driver.Collection);
      assert.ok(store.db instanceof impl.driver.Db);
      assert.equal(store.collection.collectionName, 'named');
      assert.equal(store.db.databaseName, stores.databaseName);
    });

    it('resolves initialConnectionPromise with the client', async () => {
      const store = stores.open();
      assert.equal(await store.initialConnectionPromise, store.client);
    });

    it('takes operations before it is connected', async () => {
      const store = stores.open();
      const { error } = await call(store, 'set', 'early', { cookie: {}, n: 1 });
      assert.equal(error, undefined);
      assert.equal((await ask(store, 'get', 'early')).n, 1);
    });

    it('leaves express-session\'s own methods in place', async () => {
      const store = await stores.connected();
      await ask(store, 'set', 'sid', { cookie: { originalMaxAge: null }, n: 1 });
      const loaded = await ask(store, 'load', 'sid');
      assert.equal(loaded.n, 1);
      assert.equal(loaded.id, 'sid');
    });
  });
});
