'use strict';

/**
 * The store class.
 *
 * # Layout
 * - `methods`, `perform`: the public methods, and how a call of one begins and ends
 * - `internals`: what a store keeps to itself
 * - `backend/`: the interface that operations go through, and the layers that options put around it
 * - `session/`: what is stored of a session, when it expires, and how it is read again
 * - `options/`: the options of a store: casts, defaults, what is said of them
 * - `lifecycle/`: connecting, late indexes, connectivity, removal of what has expired
 * - `observe/`: who hears of operations: statistics, events, `DEBUG`, diagnostics channels
 * - `report`: who gets an error; `values`: looking safely at what applications give; `base`: the middleware's `Store`
 */

const { storePrototype } = require('./base');
const { internalsOf, open } = require('./internals');
const { leaveOutUnheard } = require('./lifecycle/unheard-listeners');
const { generateQuery, methods } = require('./methods');
const { castOptions } = require('./options');
const { waitFor } = require('./perform');

/**
 * Makes the `MongoDBStore` class on a middleware's `Store`.
 *
 * A function and not a class, because it is called with and without `new`, and extended.
 *
 * @param {Function} Store
 * @param {object} [middleware]
 * @param {string[]} [middleware.expiryKeys] where in a session the middleware keeps its expiry, besides the cookie
 * @param {function(object): object} [middleware.optionsOf] makes the store's options, cast, of what the constructor is given
 * @returns {Function}
 */
function createStoreClass(Store, { expiryKeys = [], optionsOf = castOptions } = {}) {
  function MongoDBStore(options, callback) {
    if (!new.target && !(this instanceof MongoDBStore)) return new MongoDBStore(options, callback);
    if (typeof options === 'function') {
      callback = options;
      options = {};
    }
    const cast = optionsOf(options ?? {});
    // Without `new.target` a constructor of the old style, made with `util.inherits`, calls us.
    const store = new.target ? Reflect.construct(Store, [cast], new.target) : this;
    if (!new.target) Store.call(store, cast);
    const opened = (application) => {
      const internals = open(store, cast, generateQuery, application);
      internals.remembered?.madeOn(Store, expiryKeys);
      return internals;
    };
    store.options = cast;
    const application = cast.client === undefined ? undefined : clientOf(cast.client);
    store.initialConnectionPromise = typeof application?.then === 'function'
      ? openLater(store, application.then(opened), callback)
      : connect(store, opened(application), callback);
    return store;
  }

  MongoDBStore.prototype = storePrototype(Store);
  leaveOutUnheard(MongoDBStore.prototype);
  define(MongoDBStore.prototype, 'constructor', MongoDBStore);
  Object.assign(MongoDBStore.prototype, methods);
  if (Symbol.asyncDispose) {
    define(MongoDBStore.prototype, Symbol.asyncDispose, function asyncDispose() {
      return this.close();
    });
  }
  if (typeof Store.prototype.createSession === 'function') {
    MongoDBStore.prototype.createSession = function createSession(req, data) {
      const session = Store.prototype.createSession.call(this, req, data);
      internalsOf(this)?.handOver(data, session);
      return session;
    };
  }
  if (typeof Store.prototype.regenerate === 'function') {
    MongoDBStore.prototype.regenerate = function regenerate(req, callback) {
      const internals = internalsOf(this);
      if (!internals?.options.maxLifetime?.keepOnRegenerate) return Store.prototype.regenerate.call(this, req, callback);
      const before = req.session;
      return Store.prototype.regenerate.call(this, req, (...result) => {
        internals.beside.keepEnd(before, req.session);
        callback(...result);
      });
    };
  }
  return MongoDBStore;
}

/** Called once a store is opened, and what it needs loaded; see `own-client.js`. */
function connect(...given) {
  return require('./lifecycle/connect').connect(...given);
}

/** @returns {{client: object, databaseName: string}|Promise} the application's client, or a promise of one */
function clientOf(given) {
  return require('../connection/from-client').clientOf(given);
}

/** Opens a store whose client is not there yet; what is called until then waits for it. */
function openLater(store, opening, callback) {
  Object.assign(store, { client: null, db: null, collection: null });
  const { failed } = require('./lifecycle/connect');
  waitFor(store, opening);
  return opening.then(
    (internals) => connect(store, internals, callback),
    (cause) => failed(store, cause, callback)
  );
}

function define(prototype, name, value) {
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

module.exports = { createStoreClass };
