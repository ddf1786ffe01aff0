'use strict';

/**
 * The client of the application's own `mongodb` package that stands behind a client of ours, for all
 * that is not done natively. It has the same settings, is made when something is first forwarded to
 * it, and is closed and connected again together with ours. From then on there are two connection
 * pools: the native one and the Node driver's.
 */

const { createRequire } = require('module');
const { lazy } = require('../lazy');
const { missingPackageError, oldPackageError } = require('./unsupported');

const application = lazy(() => require('../application'));
const translation = lazy(() => require('../connection/for-node-driver'));

/** Events of the Node driver's client that ours passes on; `open` and `topologyClosed` it emits by itself. */
const EVENTS = [
  'commandStarted', 'commandSucceeded', 'commandFailed',
  'connectionPoolCreated', 'connectionPoolReady', 'connectionPoolCleared', 'connectionPoolClosed',
  'connectionCreated', 'connectionReady', 'connectionClosed',
  'connectionCheckOutStarted', 'connectionCheckOutFailed', 'connectionCheckedOut', 'connectionCheckedIn',
  'serverOpening', 'serverClosed', 'serverDescriptionChanged', 'topologyOpening', 'topologyDescriptionChanged',
  'serverHeartbeatStarted', 'serverHeartbeatSucceeded', 'serverHeartbeatFailed',
  'error', 'timeout', 'close'
];

class NodeClient {
  /** Private: there may be a password in them. */
  #uri;
  #options;
  #listened;
  #client = null;
  #isClosed = false;

  /**
   * @param {string} uri as the application gave it
   * @param {object} [options] likewise
   * @param {EventEmitter} listened whose listeners hear of the Node driver's events
   */
  constructor(uri, options, listened) {
    this.#uri = uri;
    this.#options = options;
    this.#listened = listened;
  }

  /**
   * @param {string} what is to be forwarded, for the error's message
   * @returns {MongoClient} the Node driver's, which connects by itself
   * @throws {MongoCompatibilityError} when the application has no `mongodb` package, or one that is too old
   */
  get(what) {
    if (this.#client === null) {
      const { MongoClient } = nodeDriver(what);
      const { uri, options } = translation().forNodeDriver(this.#uri, this.#options);
      const client = new MongoClient(uri, options);
      for (const event of EVENTS) client.on(event, (...news) => this.#tell(event, news));
      this.#client = client;
      // It was closed before it was made: what is asked of it fails like on any closed client.
      if (this.#isClosed) client.close();
    }
    return this.#client;
  }

  /** As `get`, when it is connected; unless ours was closed, which connects to nothing. */
  async connected(what) {
    const client = this.get(what);
    if (!this.#isClosed) await client.connect();
    return client;
  }

  /** An `error` that nobody listens for must not be thrown for want of a listener on our client. */
  #tell(event, news) {
    if (this.#listened.listenerCount(event) > 0) this.#listened.emit(event, ...news);
  }

  /** Connects it again if it was closed; one that is not used yet connects with its first use. */
  async connect() {
    if (!this.#isClosed) return;
    this.#isClosed = false;
    await this.#client?.connect();
  }

  async close() {
    this.#isClosed = true;
    await this.#client?.close();
  }
}

/** @returns {object} what the application's `mongodb` package exports */
function nodeDriver(what) {
  // An application with mongoose has the one that mongoose brings, even where it cannot require it itself.
  const { resolveFromApplication } = application();
  const file = resolveFromApplication('mongodb') ?? resolveFromApplication('mongoose', 'mongodb');
  if (file === undefined) throw missingPackageError(what);
  const driver = createRequire(file)(file);
  // Since version 4, from which on the client connects by itself and takes today's options.
  if (driver.MongoAPIError === undefined) throw oldPackageError(what);
  return driver;
}

module.exports = { NodeClient };
