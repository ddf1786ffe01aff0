'use strict';

const { EventEmitter } = require('events');
const { inspect } = require('util');
const { parse } = require('../connection');
const { withExtraAuthorities } = require('../connection/authorities');
const { lazy } = require('../lazy');
const { NativeClient } = require('../native/client');
const { clientOptions } = require('./client-options');
const { ReadConcern, WriteConcern } = require('./concerns');
const { Db } = require('./db');
const { ReadPreference } = require('./read-preference');
const { refuse } = require('./unsupported');

const tracking = lazy(() => require('./cursor/tracking'));

/**
 * A client of a MongoDB deployment. Clients of equal settings share one connection pool in the
 * process. Operations connect by themselves; after `close()` they fail until `connect()` is called.
 *
 * Emits `open` when connected and `topologyClosed` when closed.
 */
class MongoClient extends EventEmitter {
  /**
   * @param {string} uri
   * @param {object} [options] the Node driver's, which win over the URI's
   * @throws {MongoParseError|MongoAPIError} for what cannot be understood
   */
  constructor(uri, options) {
    super();
    const settings = parse(uri, options);
    const internals = {
      settings,
      native: new NativeClient(withExtraAuthorities(settings)),
      /** Weak references to the cursors that the server holds open. */
      cursors: new Set(),
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
    Object.defineProperty(this, 'options', { value: clientOptions(settings, concerns), enumerable: true });
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
  const attempt = internals.native.connect().then(
    () => {
      // Not if it was closed while it was connecting.
      if (internals.connecting !== attempt) return;
      internals.connecting = null;
      internals.connected = true;
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
  await Promise.all([tracking().closeAll(internals.cursors), internals.native.close()]);
  if (wasConnected) client.emit('topologyClosed', {});
}

refuse(MongoClient, {
  throwing: ['startSession', 'watch', 'appendMetadata'],
  rejecting: ['withSession', 'bulkWrite']
});

if (Symbol.asyncDispose) {
  Object.defineProperty(MongoClient.prototype, Symbol.asyncDispose, {
    value: MongoClient.prototype.asyncDispose,
    writable: true,
    configurable: true
  });
}

module.exports = { MongoClient };
