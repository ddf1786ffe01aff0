'use strict';

const { MongoClient } = require('../driver/client');
const { NativeStore } = require('../native/store');
const { storePrototype } = require('./base');
const { startRemoving } = require('./auto-remove');
const { close } = require('./close');
const { connect } = require('./connect');
const { nativeCrypto } = require('./crypto');
const { destroyAll, destroyWhere, ids } = require('./many');
const { LoadedSessions } = require('./loaded');
const operations = require('./operations');
const { castOptions } = require('./options');
const { perform } = require('./perform');
const { doing } = require('./report');
const { isArray } = require('./shown');
const { NUMBERS, Stats } = require('./stats');
const { storedIdsOf } = require('./stored-ids');

/**
 * Makes the `MongoDBStore` class on a middleware's `Store`.
 *
 * A function and not a class, because it is called with and without `new`, and extended.
 *
 * @param {Function} Store
 * @returns {Function}
 */
function createStoreClass(Store) {
  function MongoDBStore(options, callback) {
    if (!new.target && !(this instanceof MongoDBStore)) return new MongoDBStore(options, callback);
    if (typeof options === 'function') {
      callback = options;
      options = {};
    }
    const cast = castOptions(options ?? {});
    // Without `new.target` a constructor of the old style, made with `util.inherits`, calls us.
    const store = new.target ? Reflect.construct(Store, [cast], new.target) : this;
    if (!new.target) Store.call(store, cast);
    open(store, cast);
    store.initialConnectionPromise = connect(store, callback);
    return store;
  }

  MongoDBStore.prototype = storePrototype(Store);
  Object.defineProperty(MongoDBStore.prototype, 'constructor', {
    value: MongoDBStore,
    writable: true,
    configurable: true
  });
  Object.assign(MongoDBStore.prototype, methods);
  if (Symbol.asyncDispose) {
    Object.defineProperty(MongoDBStore.prototype, Symbol.asyncDispose, {
      value() {
        return this.close();
      },
      writable: true,
      configurable: true
    });
  }
  if (typeof Store.prototype.createSession === 'function') {
    MongoDBStore.prototype.createSession = function createSession(req, data) {
      const session = Store.prototype.createSession.call(this, req, data);
      this.loaded?.handOver(data, session);
      return session;
    };
  }
  return MongoDBStore;
}

/** Gives a store its options, client, database and collection. */
function open(store, options) {
  const client = new MongoClient(options.uri, options.connectionOptions);
  const db = client.db(options.databaseName ?? undefined);
  store.options = options;
  store.client = client;
  store.db = db;
  store.collection = db.collection(options.collection);
  const { idField, expiresKey, batching = true } = options;
  const location = {
    database: db.databaseName, collection: options.collection, idField, expiresKey, batching, crypto: nativeCrypto(options.crypto)
  };
  Object.defineProperty(store, 'loaded', { value: LoadedSessions.for(options) });
  Object.defineProperty(store, 'storedIds', { value: storedIdsOf(options) });
  Object.defineProperty(store, 'native', { value: new NativeStore(client.native, location) });
  Object.defineProperty(store, NUMBERS, { value: new Stats() });
  Object.defineProperty(store, 'lifetime', { value: { over: false, stopRemoving: startRemoving(store) } });
}

/** The methods of `MongoDBStore`; `index.d.ts` documents them. */
const methods = {
  get(id, callback) {
    const describe = (error) => (error?.whileDestroying ? doing.destroying(id) : doing.finding(id));
    return perform(this, 'get', callback, describe, (done) => operations.get(this, id, done), id);
  },

  set(id, session, callback) {
    return perform(this, 'set', callback, () => doing.setting(id, session),
      (done) => operations.set(this, id, session, done), id, session);
  },

  touch(id, session, callback) {
    return perform(this, 'touch', callback, () => doing.touching(id),
      (done) => operations.touch(this, id, session, done), id, session);
  },

  destroy(id, callback) {
    if (isArray(id)) {
      return perform(this, 'destroy', callback, doing.destroyingSome, (done) => destroyAll(this, id, done), id);
    }
    return perform(this, 'destroy', callback, () => doing.destroying(id), (done) => operations.destroy(this, id, done), id);
  },

  clear(callback) {
    return perform(this, 'clear', callback, doing.clearing, (done) => operations.clear(this, done));
  },

  all(callback) {
    return perform(this, 'all', callback, doing.gathering, (done) => operations.all(this, done));
  },

  length(callback) {
    return perform(this, 'length', callback, doing.counting, (done) => operations.length(this, done));
  },

  ids(callback) {
    return perform(this, 'ids', callback, doing.listing, (done) => ids(this, done));
  },

  destroyWhere(filter, callback) {
    return perform(this, 'destroyWhere', callback, doing.destroyingSome, (done) => destroyWhere(this, filter, done));
  },

  close(callback) {
    return perform(this, 'close', callback, doing.closing, (done) => close(this, done));
  },

  stats() {
    return { ...this[NUMBERS].snapshot(), ...this.native.stats() };
  },

  _generateQuery(id) {
    return { [this.options.idField]: id };
  }
};

module.exports = { createStoreClass };
