'use strict';

const { LOGIN_SOURCE } = require('../connection/login-source');
const { TABLE } = require('../connection/table');
const { MongoNotConnectedError } = require('../errors/client');
const { lazy } = require('../lazy');
const { call, documents, nothing } = require('./call');
const { Opcode } = require('./binding');
const { flush, leave, openClient, submit, submitUnawaited } = require('./realm');

const codec = lazy(() => require('../codec'));

/** Clients that nobody has any more and nobody closed: their share of the pool is given up. */
const dropped = new FinalizationRegistry((handle) => submitUnawaited(Opcode.Close, handle, '', NaN, null, () => {}));

/** Keeps none of the settings but those that DNS has a say in. `known` may give what others have found there. */
function serveNames(handle, { srv, replicaSet, loadBalanced, serverSelectionTimeoutMS = TABLE.serverSelectionTimeoutMS.fallback }, known) {
  const { resolveHosts, resolveSrv } = require('../connection/srv');
  const { answerQuestions } = require('./name-service');
  const resolve = async (signal) => {
    try {
      return await resolveSrv({ srv, replicaSet, loadBalanced }, signal);
    } catch (error) {
      const records = known?.();
      if (records === undefined) throw error;
      return records;
    }
  };
  answerQuestions(handle, serverSelectionTimeoutMS, (signal, isAgain) => (isAgain ? resolveHosts(srv, signal) : resolve(signal)));
}

function withoutIgnoreUndefined(bsonOptions) {
  const others = { ...bsonOptions };
  delete others.ignoreUndefined;
  return Object.keys(others).length > 0 ? others : undefined;
}

/**
 * A client of the background thread. Clients with equal settings share one connection pool in the
 * whole process; connections are opened when the first operation needs them.
 */
class NativeClient {
  /** Private: there may be a password in what they give. */
  #settings;
  #knownRecords;
  #bsonOptions;
  #codec;
  /** What is connecting already, until somebody waits for it. */
  #begun = null;

  /**
   * @param {function(): object} settings gives them as `lib/connection` makes them; called whenever the client is opened
   * @param {undefined|object} bsonOptions of `lib/connection/bson-options.js`
   * @param {undefined|function(): undefined|object} knownRecords gives what is known of the `mongodb+srv` name where DNS
   *   fails, as `resolveSrv` of `lib/connection/srv.js`
   */
  constructor(settings, bsonOptions, knownRecords) {
    this.#knownRecords = knownRecords;
    this.#bsonOptions = bsonOptions;
    this.#settings = settings;
    this.opened = 0;
    this.closed = false;
    /** Changes when the client is closed, so that what was opened on it notices. */
    this.generation = 0;
  }

  /** Writes and reads what applications give and get. */
  get codec() {
    return (this.#codec ??= codec().codecWith(this.#bsonOptions));
  }

  /** The codec of sessions: members that are undefined are the store's to leave out (its option `undefinedAs`). */
  get sessionCodec() {
    return codec().codecWith(withoutIgnoreUndefined(this.#bsonOptions));
  }

  /** The handle, opened on first use. */
  get handle() {
    if (this.closed) {
      throw new MongoNotConnectedError('Client must be connected before running operations');
    }
    if (this.opened === 0) {
      const settings = this.#settings();
      this.opened = openClient(JSON.stringify(settings));
      if (settings.srv) serveNames(this.opened, settings, this.#knownRecords);
      dropped.register(this, this.opened, this);
      const source = settings.credential?.[LOGIN_SOURCE];
      if (source !== undefined) require('./login-questions').answerQuestions(this, source);
    }
    return this.opened;
  }

  /**
   * Begins to connect at once, not with the end of the tick: the background thread connects while this one goes on. The
   * next `connect` is the one that waits for it.
   *
   * @returns {function(): void} to be called in the same tick if there will be none: gives the client up
   */
  beginConnecting() {
    const { request, connected } = this.#connect();
    this.#begun = connected;
    // Who waits for it hears of the error; and there may be nobody yet.
    connected.catch(() => {});
    flush();
    return () => {
      if (request !== undefined) leave(request);
      this.close().catch(() => {});
    };
  }

  /**
   * Opens the client, also after it was closed, and waits until a server answers.
   *
   * @returns {Promise<void>}
   */
  async connect() {
    this.closed = false;
    const begun = this.#begun ?? this.#connect().connected;
    this.#begun = null;
    await begun;
  }

  /** @returns {{connected: Promise<void>, request: undefined|Request}} no request where the client could not be opened */
  #connect() {
    let request;
    const connected = new Promise((resolve, reject) => {
      request = submit(Opcode.Connect, this.handle, '', NaN, null, (error) => (error ? reject(error) : resolve()));
    });
    return { connected, request };
  }

  /**
   * Gives up this client's share of the pool; operations under way still end.
   *
   * @returns {Promise<void>}
   */
  async close() {
    const { opened } = this;
    this.closed = true;
    this.opened = 0;
    this.generation++;
    this.#begun = null;
    dropped.unregister(this);
    if (opened !== 0) await call(Opcode.Close, opened, '', null, nothing);
  }

  /**
   * Waits until the servers are away for more than a moment, or are there again. Keeps no process alive.
   *
   * @param {boolean} available what is known
   * @param {function(Error|null, boolean=): void} done gets the opposite, or an error when the client is closed;
   *   must not throw and must not run user code
   */
  watch(available, done) {
    const write = (buffer, start) => (start < buffer.length ? buffer.writeUInt8(available ? 1 : 0, start) : -1);
    submitUnawaited(Opcode.Watch, this.handle, '', NaN, write, (error, buffer, start) => {
      if (error) done(error);
      else done(null, buffer[start] === 1);
    });
  }

  /**
   * Runs one command.
   *
   * @param {string} database
   * @param {object} command its first key is the command's name
   * @param {{readPreference?: object, idempotent?: boolean, timeoutMS?: number}} [options]
   * @returns {Promise<object>} the server's reply
   */
  async command(database, command, options = {}) {
    const write = documents(this.codec, options, command);
    return call(Opcode.Command, this.handle, database, write, codec().decodeReply);
  }

  /**
   * Runs a command that answers with a cursor.
   *
   * @param {string} database
   * @param {object} command
   * @param {{readPreference?: object, idempotent?: boolean, timeoutMS?: number, batchSize?: number}} [options]
   *   `batchSize` of the batches after the first
   * @returns {Promise<NativeCursor>}
   */
  async openCursor(database, command, options = {}) {
    const write = documents(this.codec, options, command);
    const { NativeCursor } = require('./cursor');
    return call(Opcode.OpenCursor, this.handle, database, write, (...reply) => new NativeCursor(this.codec, ...reply));
  }
}

module.exports = { NativeClient };
