'use strict';

const { hasExpiryIndex } = require('../options/auto-remove');
const { ownReadPreference } = require('../options/read-preference');
const { fieldAt } = require('../session/expiry');
const { liveFilter } = require('../session/live-filter');
const { Found } = require('./messages');

/**
 * The innermost backend: operations on one session go to the background thread, which batches them. What is rare and
 * takes a query goes through the collection of the driver's facade.
 */
class NativeBackend {
  #native;
  #collection;
  #options;
  #codec;
  #read;

  /**
   * @param {NativeStore} native
   * @param {Collection} collection that the store opened
   * @param {object} options of the store
   */
  constructor(native, collection, options) {
    this.#native = native;
    this.#collection = collection;
    this.#options = options;
    this.#codec = native.codec;
    this.#read = options.partialUpdates ? withBytes(this.#codec) : withoutBytes(this.#codec);
  }

  get(id, done) {
    this.#native.get(id, this.#read, done);
  }

  write(id, save, done) {
    const { comparison, expires, creates } = save;
    const whole = writing(this.#codec, save);
    if (comparison === null) this.#native.write(id, withBeside(this.#codec, whole, save.beside), expires, creates, done);
    else this.#native.patch(id, withBeside(this.#codec, withPatch(whole, comparison), save.beside), expires, creates, done);
  }

  touch(id, renewal, done) {
    const { cookie, set } = renewal;
    const fields = cookie === undefined ? set : { 'session.cookie': cookie, ...set };
    this.#native.touch(id, fields, renewal.expires, renewal.ends, done);
  }

  destroy(id, expires, done) {
    this.#native.destroy(id, expires === undefined ? NaN : expires.getTime(), done);
  }

  ownSave(id, expires) {
    if (this.#options.watch) this.#native.writesItself(id, expires);
  }

  ownDeletions(ids) {
    if (!this.#options.watch) return;
    for (const id of ids) if (typeof id === 'string') this.#native.writesItself(id, NaN);
  }

  storedIds(id) {
    return [id];
  }

  find(filter, options) {
    return documentsWhere(this.#collection, filter, options, this.#options);
  }

  idsWhere(filter, options) {
    return idsWhere(this.#collection, filter, options, this.#options);
  }

  clear() {
    return this.#native.clear();
  }

  all() {
    return this.#native.all();
  }

  length() {
    return this.#native.length();
  }

  ids() {
    return idsWhere(this.#collection, liveFilter(this.#options), {}, this.#options);
  }

  destroyWhere(filter) {
    return destroyWhere(this.#collection, filter);
  }

  async ensureIndexes() {
    if (this.#options.createIndexes !== false) await this.#native.ensureIndexes(this.#expireAfterSeconds());
  }

  ensureIndexesLater(done) {
    if (this.#options.createIndexes === false) this.whenAvailable(done);
    else this.#native.ensureIndexesLater(this.#expireAfterSeconds(), done);
  }

  whenAvailable(done) {
    this.#native.client.watch(false, (closed) => {
      if (!closed) done(null);
    });
  }

  /** @returns {number} NaN where no index is to remove what has expired */
  #expireAfterSeconds() {
    return hasExpiryIndex(this.#options) ? this.#options.expiresAfterSeconds : NaN;
  }
}

/** @returns {function(Buffer, number): number} writes the session as `{ session }` (see `submit`) */
function writing(codec, save) {
  const { bytes } = save;
  if (bytes !== null) return (buffer, offset) => (offset + bytes.length > buffer.length ? -1 : offset + bytes.copy(buffer, offset));
  const document = { session: save.stored };
  return (buffer, offset) => codec.encodeInto(buffer, offset, document);
}

function withoutBytes(codec) {
  return (buffer, start, end) => new Found(codec.decode(buffer, start, end), null);
}

function withBytes(codec) {
  return (buffer, start, end) => new Found(codec.decode(buffer, start, end), Buffer.from(buffer.subarray(start, end)));
}

/** Writes what differs from what is stored behind the session. */
function withPatch(write, comparison) {
  return (buffer, offset) => {
    const end = write(buffer, offset);
    return end < 0 ? -1 : comparison.compare(buffer, offset, end);
  };
}

/** Writes what is stored beside a session behind it. */
function withBeside(codec, write, beside) {
  if (beside === null) return write;
  return (buffer, offset) => {
    const end = write(buffer, offset);
    return end < 0 ? -1 : codec.encodeInto(buffer, end, beside);
  };
}

/** @returns {AsyncGenerator<Found>} see `Layer.find` */
async function * documentsWhere(collection, filter, options, storeOptions) {
  const cursor = collection.find(filter, reading(options, collection, storeOptions));
  // A stub of an application's may have no more than the original calls.
  const documents = typeof cursor[Symbol.asyncIterator] === 'function' ? cursor : await cursor.toArray();
  for await (const document of documents) yield new Found(document, null);
}

/** @returns {Promise<Array>} see `Layer.idsWhere` */
async function idsWhere(collection, filter, options, storeOptions) {
  const { idField } = storeOptions;
  const projection = idField === '_id' ? { _id: 1 } : { _id: 0, [idField]: 1 };
  const documents = await collection.find(filter, { ...reading(options, collection, storeOptions), projection }).toArray();
  return documents.map((document) => fieldAt(document, idField));
}

/** @returns {object} options of `find`: only those that are given */
function reading({ readPreference, ...given }, collection, storeOptions) {
  const options = { ...given };
  for (const name of Object.keys(options)) if (options[name] === undefined) delete options[name];
  const preference = readPreference ?? ownReadPreference(storeOptions, collection);
  return preference === undefined ? options : { ...options, readPreference: preference };
}

/** @returns {Promise<number>} see `Layer.destroyWhere` */
async function destroyWhere(collection, filter) {
  const { deletedCount } = await collection.deleteMany(filter);
  return deletedCount;
}

module.exports = { NativeBackend, destroyWhere, documentsWhere, idsWhere };
