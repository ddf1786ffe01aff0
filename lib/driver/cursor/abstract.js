'use strict';

const { EventEmitter } = require('events');
const { inspect } = require('util');
const { bson } = require('../../codec/bson');
const { MongoCursorInUseError, MongoInvalidArgumentError } = require('../../errors');
const { ReadConcern } = require('../concerns');
const { define } = require('../forward');
const { ReadPreference } = require('../read-preference');
const { endReading, fetchBatch, requireReadable, takeDocument } = require('./reading');
const { CursorStream } = require('./stream');
const { untrack } = require('./tracking');

/**
 * Documents of a server's cursor, fetched batch by batch while they are read. Subclasses say with
 * `request()` what is sent for the first batch, and with `nodeCursor()` what the same cursor is in the
 * Node driver: it takes the place of the native one when a method is called that only it has.
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
      /** The Node driver's cursor, where the documents come from it. */
      node: null,
      /** Under which the client knows it while the server holds it open. */
      reference: null,
      documents: [],
      /** Where in `documents` the next one is. */
      position: 0,
      fetching: null,
      initialized: false,
      closed: false,
      killed: false,
      /** Counts rewinds, so that a fetch that began before one notices it. */
      round: 0,
      transform: null
    };
    Object.defineProperty(this, 's', { value: internals });
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
    return native === null || native.id == null ? undefined : bson().package.Long.fromBigInt(BigInt(native.id));
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
    if (this.s.killed) return false;
    while (this.bufferedCount() === 0 && !this.s.closed) await fetchBatch(this);
    return this.bufferedCount() > 0;
  }

  async *[Symbol.asyncIterator]() {
    if (this.closed || this.s.killed) return;
    try {
      for (let document = await this.next(); document !== null; document = await this.next()) {
        yield document;
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
    if (typeof iterator !== 'function') {
      throw new MongoInvalidArgumentError('Argument "iterator" must be a function');
    }
    for await (const document of this) {
      if (iterator(document) === false) break;
    }
  }

  /** @returns {Promise<object[]>} all documents that were not read yet */
  async toArray() {
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
    const { native, node, closed } = this.s;
    if (closed) return;
    if (native !== null && Number(native.id) !== 0) this.s.killed = true;
    endReading(this);
    await (native ?? node)?.close();
  }

  async asyncDispose() {
    await this.close();
  }

  /** Starts over: what is read next is asked for again. */
  rewind() {
    const internals = this.s;
    if (!internals.initialized) return;
    untrack(this);
    if (internals.node === null) internals.native?.close();
    else internals.node.rewind();
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

  [inspect.custom]() {
    return `${this.constructor.name} { namespace: '${this.s.namespace}', closed: ${this.closed} }`;
  }
}

function requireUnused(cursor) {
  if (cursor.s.initialized) throw new MongoCursorInUseError();
}

/**
 * Defines methods that set up a cursor before it is read from, and return it.
 *
 * @param {Function} Class
 * @param {Object<string, function(...*): void>} setters by name, called on a cursor that was not read from
 */
function defineSetters(Class, setters) {
  for (const [name, set] of Object.entries(setters)) {
    define(Class, name, function setUp(...given) {
      requireUnused(this);
      if (this.s.node === null) Reflect.apply(set, this, given);
      else this.s.node[name](...given);
      return this;
    });
  }
}

/**
 * Defines methods that set up a cursor and that only the Node driver has: from then on the documents
 * come from its cursor.
 *
 * @param {Function} Class
 * @param {string[]} names
 */
function forwardSetters(Class, names) {
  for (const name of names) {
    define(Class, name, function forwarded(...given) {
      requireUnused(this);
      this.s.node ??= this.nodeCursor(`${this.constructor.name}.${name}()`);
      this.s.node[name](...given);
      return this;
    });
  }
}

/**
 * Defines methods of the Node driver that ask about a query without reading from its cursor.
 *
 * @param {Function} Class
 * @param {string[]} names
 */
function forwardQuestions(Class, names) {
  for (const name of names) {
    define(Class, name, async function forwarded(...given) {
      const cursor = this.s.node?.clone() ?? this.nodeCursor(`${Class.name}.${name}()`);
      try {
        return await cursor[name](...given);
      } finally {
        await cursor.close();
      }
    });
  }
}

/** A setter of an option that is sent with the first batch. */
function option(name) {
  return function set(value) {
    this.s.options[name] = value;
  };
}

/** As `option`, for numbers only; else throws the message. */
function numericOption(name, message = `Operation "${name}" requires an integer`) {
  return function set(value) {
    if (typeof value !== 'number') throw new MongoInvalidArgumentError(message);
    this.s.options[name] = value;
  };
}

defineSetters(AbstractCursor, {
  /** Documents per batch. */
  batchSize: numericOption('batchSize'),

  /** ms the server may work on it. */
  maxTimeMS: numericOption('maxTimeMS', 'Argument for maxTimeMS must be a number'),

  withReadPreference(readPreference) {
    // Of either driver's class.
    if (typeof readPreference !== 'string' && typeof readPreference?.mode !== 'string') {
      throw new MongoInvalidArgumentError(`Invalid read preference: ${readPreference}`);
    }
    this.s.options.readPreference = ReadPreference.fromOptions({ readPreference });
  },

  withReadConcern(readConcern) {
    const resolved = ReadConcern.fromOptions({ readConcern });
    if (resolved) this.s.options.readConcern = resolved;
  }
});
forwardSetters(AbstractCursor, ['addCursorFlag']);

if (Symbol.asyncDispose) {
  Object.defineProperty(AbstractCursor.prototype, Symbol.asyncDispose, {
    value: AbstractCursor.prototype.asyncDispose,
    writable: true,
    configurable: true
  });
}

module.exports = {
  AbstractCursor,
  defineSetters,
  forwardQuestions,
  forwardSetters,
  numericOption,
  option,
  requireUnused
};
