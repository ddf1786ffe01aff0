'use strict';

const codec = require('../codec');
const { MongoNotConnectedError } = require('../errors');
const { call, documents, nothing } = require('./call');
const { NativeCursor } = require('./cursor');
const { CLOSE, COMMAND, CONNECT, OPEN_CURSOR, WATCH } = require('./operations');
const { openClient, submitUnawaited } = require('./realm');

/**
 * A client of the background thread. Clients with equal settings share one connection pool in the
 * whole process; connections are opened when the first operation needs them.
 */
class NativeClient {
  /** Private: there may be a password in them. */
  #settings;

  /** @param {object} settings as `lib/connection` makes them */
  constructor(settings) {
    this.#settings = JSON.stringify(settings);
    this.opened = 0;
    this.closed = false;
    /** Changes when the client is closed, so that what was opened on it can tell. */
    this.generation = 0;
  }

  /** The handle, opened on first use. */
  get handle() {
    if (this.closed) {
      throw new MongoNotConnectedError('Client must be connected before running operations');
    }
    if (this.opened === 0) this.opened = openClient(this.#settings);
    return this.opened;
  }

  /**
   * Opens the client, also after it was closed, and waits until a server answers.
   *
   * @returns {Promise<void>}
   */
  async connect() {
    this.closed = false;
    await call(CONNECT, this.handle, '', null, nothing);
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
    if (opened !== 0) await call(CLOSE, opened, '', null, nothing);
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
    submitUnawaited(WATCH, this.handle, '', NaN, write, (error, buffer, start) => {
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
    const write = documents(options, command);
    return call(COMMAND, this.handle, database, write, codec.decodeReply);
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
    const write = documents(options, command);
    return call(OPEN_CURSOR, this.handle, database, write, readCursor);
  }
}

function readCursor(buffer, start, end) {
  return new NativeCursor(buffer, start, end);
}

module.exports = { NativeClient, readCursor };
