'use strict';

const { EventEmitter } = require('events');
const { inspect } = require('util');
const { Long } = require('bson');
const { MongoCursorInUseError, MongoInvalidArgumentError } = require('../../errors');
const { ReadConcern } = require('../concerns');
const { ReadPreference } = require('../read-preference');
const { unsupportedError } = require('../unsupported');
const { endReading, fetchBatch, requireReadable, takeDocument } = require('./reading');
const { CursorStream } = require('./stream');
const { untrack } = require('./tracking');

const CURSOR_FLAGS = Object.freeze(['tailable', 'oplogReplay', 'noCursorTimeout', 'awaitData', 'exhaust', 'partial']);
const UNSUPPORTED_FLAGS = new Set(['tailable', 'awaitData']);

/**
 * Documents of a server's cursor, fetched batch by batch while they are read. Subclasses say with
 * `request()` what is sent for the first batch.
 */
class AbstractCursor extends EventEmitter {
  /**
   * @param {MongoClient} client
   * @param {Namespace} namespace
   * @param {object} options resolved
   */
  constructor(client, namespace, options) {
    super();
    const internals = {
      client,
      namespace,
      options: { ...options },
      native: null,
      /** Under which the client knows it while the server holds it open. */
      reference: null,
      documents: [],
      /** Where in `documents` the next one is. */
      position: 0,
      fetching: null,
      initialized: false,
      closed: false,
      killed: false,
      /** Counts rewinds, so that what was under way before one can tell. */
      round: 0,
      transform: null,
      onAbort: null
    };
    Object.defineProperty(this, 's', { value: internals });
    const { signal } = options;
    if (signal) {
      internals.onAbort = () => this.close();
      signal.addEventListener('abort', internals.onAbort, { once: true });
    }
  }

  get client() {
    return this.s.client;
  }

  get namespace() {
    return this.s.namespace;
  }

  /** The server's cursor id; undefined before anything was read. */
  get id() {
    const { native } = this.s;
    return native === null || native.id == null ? undefined : Long.fromBigInt(BigInt(native.id));
  }

  get readPreference() {
    return this.s.options.readPreference ?? ReadPreference.primary;
  }

  get readConcern() {
    return this.s.options.readConcern;
  }

  /** Whether everything was read, or the cursor closed. */
  get closed() {
    return this.s.closed && this.bufferedCount() === 0;
  }

  /** Whether the cursor was closed while the server had more. */
  get killed() {
    return this.s.killed;
  }

  /** @returns {number} how many documents are here already */
  bufferedCount() {
    return this.s.documents.length - this.s.position;
  }

  /**
   * @param {number} [number] all by default
   * @returns {object[]} documents that are here already
   */
  readBufferedDocuments(number = this.bufferedCount()) {
    const { documents, position } = this.s;
    const taken = documents.slice(position, position + Math.min(number, this.bufferedCount()));
    this.s.position += taken.length;
    return taken;
  }

  /** @returns {Promise<object|null>} the next document; null when there is none left */
  async next() {
    requireReadable(this);
    while (this.bufferedCount() === 0) {
      if (this.s.closed) return null;
      await fetchBatch(this);
    }
    return takeDocument(this);
  }

  /** As `next`, with one try to fetch more. */
  async tryNext() {
    requireReadable(this);
    if (this.bufferedCount() === 0 && !this.s.closed) await fetchBatch(this);
    return this.bufferedCount() > 0 ? takeDocument(this) : null;
  }

  /** @returns {Promise<boolean>} whether `next` will give a document */
  async hasNext() {
    this.s.options.signal?.throwIfAborted();
    if (this.s.killed) return false;
    while (this.bufferedCount() === 0 && !this.s.closed) await fetchBatch(this);
    return this.bufferedCount() > 0;
  }

  async *[Symbol.asyncIterator]() {
    const { signal } = this.s.options;
    signal?.throwIfAborted();
    if (this.closed || this.s.killed) return;
    try {
      for (let document = await this.next(); document !== null; document = await this.next()) {
        yield document;
        signal?.throwIfAborted();
        if (this.s.killed) return;
      }
    } finally {
      await this.close();
    }
  }

  /**
   * @param {function(object): *} iterator is not awaited; `false` ends
   * @returns {Promise<void>}
   */
  async forEach(iterator) {
    this.s.options.signal?.throwIfAborted();
    if (typeof iterator !== 'function') {
      throw new MongoInvalidArgumentError('Argument "iterator" must be a function');
    }
    for await (const document of this) {
      if (iterator(document) === false) break;
    }
  }

  /** @returns {Promise<object[]>} all documents that were not read yet */
  async toArray() {
    this.s.options.signal?.throwIfAborted();
    const array = [];
    for await (const document of this) {
      array.push(document);
      while (this.bufferedCount() > 0) array.push(await takeDocument(this));
    }
    return array;
  }

  /**
   * @param {{transform?: function(object): *}} [options]
   * @returns {Readable} of documents
   */
  stream(options) {
    return CursorStream.of(this, options);
  }

  /** Closes the server's cursor, if it is still open. */
  async close() {
    const { native, closed } = this.s;
    if (closed) return;
    if (native !== null && Number(native.id) !== 0) this.s.killed = true;
    endReading(this);
    if (native !== null) await native.close();
  }

  async asyncDispose() {
    await this.close();
  }

  /** Starts over: what is read next is asked for again. */
  rewind() {
    const internals = this.s;
    if (!internals.initialized) return;
    untrack(this);
    internals.native?.close();
    Object.assign(internals, {
      native: null,
      documents: [],
      position: 0,
      fetching: null,
      initialized: false,
      closed: false,
      killed: false
    });
    internals.round++;
  }

  /**
   * @param {function(object): *} transform what readers get for a document; must not return null
   * @returns {this}
   */
  map(transform) {
    requireUnused(this);
    const before = this.s.transform;
    this.s.transform = before === null ? transform : (document) => transform(before(document));
    return this;
  }

  /** @param {number} value documents per batch */
  batchSize(value) {
    return setNumber(this, 'batchSize', value, 'Operation "batchSize" requires an integer');
  }

  /** @param {number} value ms the server may work on it */
  maxTimeMS(value) {
    return setNumber(this, 'maxTimeMS', value, 'Argument for maxTimeMS must be a number');
  }

  /** @param {string|ReadPreference} readPreference */
  withReadPreference(readPreference) {
    requireUnused(this);
    if (typeof readPreference !== 'string' && !(readPreference instanceof ReadPreference)) {
      throw new MongoInvalidArgumentError(`Invalid read preference: ${readPreference}`);
    }
    this.s.options.readPreference = ReadPreference.fromOptions({ readPreference });
    return this;
  }

  /** @param {string|{level: string}} readConcern */
  withReadConcern(readConcern) {
    requireUnused(this);
    const resolved = ReadConcern.fromOptions({ readConcern });
    if (resolved) this.s.options.readConcern = resolved;
    return this;
  }

  /**
   * @param {string} flag
   * @param {boolean} value
   */
  addCursorFlag(flag, value) {
    requireUnused(this);
    if (!CURSOR_FLAGS.includes(flag)) {
      throw new MongoInvalidArgumentError(`Flag ${flag} is not one of ${CURSOR_FLAGS}`);
    }
    if (typeof value !== 'boolean') {
      throw new MongoInvalidArgumentError(`Flag ${flag} must be a boolean value`);
    }
    if (value && UNSUPPORTED_FLAGS.has(flag)) throw unsupportedError(`The cursor flag '${flag}'`);
    this.s.options[flag] = value;
    return this;
  }

  [inspect.custom]() {
    return `${this.constructor.name} { namespace: '${this.s.namespace}', closed: ${this.closed} }`;
  }
}

function requireUnused(cursor) {
  if (cursor.s.initialized) throw new MongoCursorInUseError();
}

/** Sets an option that is sent with the first batch. */
function setOption(cursor, name, value) {
  requireUnused(cursor);
  cursor.s.options[name] = value;
  return cursor;
}

/** As `setOption`, for numbers only; else throws the message. */
function setNumber(cursor, name, value, message) {
  requireUnused(cursor);
  if (typeof value !== 'number') throw new MongoInvalidArgumentError(message);
  return setOption(cursor, name, value);
}

if (Symbol.asyncDispose) {
  Object.defineProperty(AbstractCursor.prototype, Symbol.asyncDispose, {
    value: AbstractCursor.prototype.asyncDispose,
    writable: true,
    configurable: true
  });
}

module.exports = { AbstractCursor, CURSOR_FLAGS, requireUnused, setNumber, setOption };
