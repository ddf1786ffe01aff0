'use strict';

const { EventEmitter } = require('events');
const { inspect } = require('util');
const { lazy } = require('../lazy');
const { clientOptions } = require('./client-options');
const { ReadConcern, WriteConcern } = require('./concerns');
const { Db } = require('./db');
const { forwardMethods } = require('./forward');
const { NodeClient } = require('./node-client');
const { planOf, whyUnusable } = require('./plan');
const { ReadPreference } = require('./read-preference');

const tracking = lazy(() => require('./cursor/tracking'));

/**
 * A client of a MongoDB deployment. Clients of equal settings share one connection pool in the
 * process. Operations connect by themselves; after `close()` they fail until `connect()` is called.
 *
 * Emits `open` when connected and `topologyClosed` when closed, and what the Node driver's client emits
 * where calls are forwarded to one.
 */
class MongoClient extends EventEmitter {
  /**
   * @param {string|ClientPlan} uri
   * @param {object} [options] the Node driver's, which win over the URI's
   * @throws {MongoParseError|MongoAPIError} for what cannot be understood
   */
  constructor(uri, options) {
    super();
    const { settings, bson, given, native } = typeof uri?.settings === 'object' ? uri : planOf(uri, options);
    const internals = {
      settings,
      native,
      node: new NodeClient(given?.uri, given?.options, this),
      /** The Node driver's client; `what` is to be forwarded to it. */
      counterpart: (what) => internals.node.get(what),
      /** Weak references to the cursors that the server holds open. */
      cursors: new Set(),
      /** Called whenever the client has connected, also again, before listeners hear of it. @type {Array<function(): void>} */
      whenConnected: [],
      connected: false,
      connecting: null,
      closing: null
    };
    Object.defineProperty(this, 's', { value: internals });
    const concerns = {
      readPreference: ReadPreference.fromOptions(settings) ?? ReadPreference.primary,
      readConcern: ReadConcern.fromOptions(settings),
      writeConcern: WriteConcern.fromOptions(settings)
    };
    Object.defineProperty(this, 'options', { value: clientOptions({ ...settings, ignoreUndefined: bson?.ignoreUndefined ?? false }, concerns), enumerable: true });
  }

  /** As `new MongoClient(uri, options).connect()`. */
  static async connect(uri, options) {
    return new this(uri, options).connect();
  }

  /** What commands go through; `lib/native/client.js`. */
  get native() {
    return this.s.native;
  }

  get settings() {
    return this.s.settings;
  }

  get cursors() {
    return this.s.cursors;
  }

  get readPreference() {
    return this.options.readPreference;
  }

  get readConcern() {
    return this.options.readConcern;
  }

  get writeConcern() {
    return this.options.writeConcern;
  }

  get ignoreUndefined() {
    return this.options.ignoreUndefined;
  }

  get serverApi() {
    return this.options.serverApi;
  }

  /**
   * Connects, also again after `close()`. Calls at the same time share one attempt.
   *
   * @returns {Promise<this>}
   * @throws {MongoServerSelectionError} after `serverSelectionTimeoutMS`, when no server answers
   */
  async connect() {
    const internals = this.s;
    if (internals.closing !== null) await internals.closing;
    if (internals.connected) return this;
    const reason = whyUnusable(internals.settings);
    if (reason !== undefined) throw reason;
    internals.connecting ??= connect(this);
    await internals.connecting;
    return this;
  }

  /**
   * Closes the client and its cursors. Operations under way still end.
   *
   * @returns {Promise<void>}
   */
  async close() {
    const internals = this.s;
    internals.closing ??= close(this).finally(() => {
      internals.closing = null;
    });
    await internals.closing;
  }

  async asyncDispose() {
    await this.close();
  }

  /**
   * @param {string} [name] the URI's database by default, else `test`
   * @param {object} [options] `readPreference`, `readConcern`, `writeConcern`, `ignoreUndefined`, …
   * @returns {Db} nothing is sent
   */
  db(name, options) {
    return new Db(this, name || this.options.dbName, options);
  }

  [inspect.custom]() {
    const { hosts, srvHost, dbName } = this.options;
    return `MongoClient { hosts: '${hosts ? hosts.join(',') : srvHost}', dbName: '${dbName}' }`;
  }
}

function connect(client) {
  const internals = client.s;
  const attempt = Promise.all([internals.native.connect(), internals.node.connect()]).then(
    () => {
      // Not if it was closed while it was connecting.
      if (internals.connecting !== attempt) return;
      internals.connecting = null;
      internals.connected = true;
      for (const begin of internals.whenConnected) begin();
      client.emit('open', client);
    },
    (error) => {
      if (internals.connecting === attempt) internals.connecting = null;
      throw error;
    }
  );
  return attempt;
}

async function close(client) {
  const internals = client.s;
  const wasConnected = internals.connected;
  internals.connected = false;
  internals.connecting = null;
  // Both at once, so that nothing is started any more while the cursors close.
  const cursors = internals.cursors.size === 0 ? undefined : tracking().closeAll(internals.cursors);
  await Promise.all([cursors, internals.native.close(), internals.node.close()]);
  if (wasConnected) client.emit('topologyClosed', {});
}

forwardMethods(MongoClient, {
  returning: ['startSession', 'watch', 'appendMetadata'],
  promising: ['withSession', 'bulkWrite']
});

if (Symbol.asyncDispose) {
  Object.defineProperty(MongoClient.prototype, Symbol.asyncDispose, {
    value: MongoClient.prototype.asyncDispose,
    writable: true,
    configurable: true
  });
}

module.exports = { MongoClient };
