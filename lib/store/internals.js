'use strict';

const { removesItself } = require('./options/auto-remove');
const { openClient } = require('./own-client');

/**
 * Where a store keeps what is not for applications. One symbol: derived classes choose names of their own, and a
 * store that is wrapped (in a Proxy, by `Object.create`) still has it.
 */
const INTERNALS = Symbol('connect-mongodb-session.internals');

/**
 * What a store is made of, as it was opened. The store's documented properties say the same, but they are the
 * application's: a derived class may set them to something else.
 */
class Internals {
  /**
   * Opens a store: nothing is sent yet.
   *
   * @param {MongoDBStore} store
   * @param {object} options cast
   * @param {function(string): object} generateQuery the package's own `_generateQuery`
   * @param {undefined|{client: object, databaseName: string}} application the application's client, if it gave one
   * @throws {MongoParseError|MongoAPIError} for connection options that cannot be understood
   */
  constructor(store, options, generateQuery, application) {
    this.options = options;
    const { own, documented, methods } = openClient(options, application);
    // Only now, while the background thread connects; see `own-client.js`.
    const { openBackend, openNative } = require('./backend');
    const { Stats } = require('./observe/stats');
    const { warnAboutStaleReads } = require('./options/read-preference');
    Object.assign(this, own);
    /** What the store's properties are. */
    this.documented = documented;
    warnAboutStaleReads(options, this.client);
    if (this.client.options.ignoreUndefined) options.undefinedAs ??= 'absent';
    /** The background thread's half. */
    this.native = openNative(options, this.client, this.db);
    const { backend, beside, met, remembered } = openBackend(store, generateQuery, this, methods);
    /** What operations go to; see `backend/layer.js`. */
    this.backend = backend;
    this.beside = beside;
    this.remembered = remembered;
    /** Which sessions went by, with the option `watch`. */
    this.met = met;
    this.stats = new Stats();
    /** Whether there is a server to write to, as listeners heard last; undefined before anybody looks. */
    this.available = undefined;
    /** Whether the store, and not only its client, was closed. */
    this.over = false;
    this.stopRemoving = removesItself(options) ? require('./lifecycle/auto-remove').startRemoving(store, this) : () => {};
  }

  /** The middleware made its session object of what was read. */
  handOver(data, session) {
    this.beside?.handOver(data, session);
    this.remembered?.handOver(data, session);
  }

  /** @returns {Promise<void>} when the store is closed: operations under way end, later ones are refused */
  async close() {
    this.over = true;
    this.stopRemoving();
    await this.client.close();
  }
}

/**
 * Gives a store its internals and its documented properties.
 *
 * @param {MongoDBStore} store
 * @param {object} options cast
 * @param {function(string): object} generateQuery the package's own `_generateQuery`
 * @param {undefined|{client: object, databaseName: string}} application the application's client, if it gave one
 * @returns {Internals}
 */
function open(store, options, generateQuery, application) {
  const internals = new Internals(store, options, generateQuery, application);
  Object.defineProperty(store, INTERNALS, { value: internals });
  Object.assign(store, internals.documented);
  return internals;
}

/** @returns {undefined|Internals} undefined for what is no store, or none yet */
function internalsOf(store) {
  return store[INTERNALS];
}

module.exports = { internalsOf, open };
