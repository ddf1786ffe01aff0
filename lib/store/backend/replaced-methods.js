'use strict';

const { hasExpiryIndex } = require('../options/auto-remove');
const { liveFilter } = require('../session/live-filter');
const { userFieldOf } = require('../session/user');
const { Layer } = require('./layer');
const { Found } = require('./messages');
const { destroyWhere, documentsWhere, idsWhere } = require('./native');
// At once, though few need it: when a test framework that has put a stub in place is done, nothing can be loaded any more.
const { updateDocument } = require('./update-document');

/**
 * The original calls methods of `store.collection`, and asks `store._generateQuery` for their filters. Applications
 * and their tests know that: they put stubs and spies there, or another collection. This layer looks before each
 * operation whether what the original would call is still the package's own; where it is not, it calls that instead of
 * the background thread.
 */
class ReplacedMethods extends Layer {
  #store;
  #collection;
  #methods;
  #generateQuery;
  #options;

  /**
   * @param {Layer} inner
   * @param {MongoDBStore} store asked for its `collection` and `_generateQuery` anew each time
   * @param {function(string): object} generateQuery the package's own
   * @param {object} collection that the store opened as `store.collection`
   * @param {object} methods of that collection as they were then, by name
   * @param {object} options of the store
   */
  constructor(inner, store, generateQuery, collection, methods, options) {
    super(inner);
    this.#store = store;
    this.#generateQuery = generateQuery;
    this.#collection = collection;
    this.#methods = methods;
    this.#options = options;
  }

  /** @returns {boolean} whether a method is what it was, on the collection that the store opened */
  #isOwn(name) {
    const collection = this.#current();
    return collection === this.#collection && collection[name] === this.#methods[name];
  }

  /** @returns {boolean} whether also the filter by id is the package's own */
  #isOwnById(name) {
    return this.#isOwn(name) && this.#store._generateQuery === this.#generateQuery;
  }

  /** The application's collection, if it has put one there. */
  #current() {
    return this.#store.collection ?? this.#collection;
  }

  get(id, done) {
    if (this.#isOwnById('findOne')) return this.inner.get(id, done);
    const found = this.#current().findOne(this.#store._generateQuery(id));
    settle(found, (error, document) => (error ? done(error) : done(null, document ? new Found(document, null) : undefined)));
  }

  write(id, save, done) {
    if (this.#isOwnById('updateOne')) this.inner.write(id, save, done);
    else this.#update(id, save, done);
  }

  #update(id, save, done) {
    // What goes past the background thread would be taken there for another process's.
    this.ownSave(id, save.expires);
    const update = updateDocument(this.#store._generateQuery(id), save, this.#options);
    const updated = this.#current().updateOne(this.#store._generateQuery(id), update, { upsert: save.creates });
    settle(updated, (error, result) => done(error, result?.upsertedCount > 0));
  }

  destroy(id, expires, done) {
    if (this.#isOwnById('deleteOne')) return this.inner.destroy(id, expires, done);
    this.ownDeletions([id]);
    const query = this.#store._generateQuery(id);
    if (expires !== undefined) query[this.#options.expiresKey] = expires;
    settle(this.#current().deleteOne(query), (error) => done(error));
  }

  clear() {
    return this.#isOwn('deleteMany') ? this.inner.clear() : this.#current().deleteMany({});
  }

  all() {
    return this.#isOwn('find') ? this.inner.all() : this.#current().find(liveFilter(this.#options)).toArray();
  }

  length() {
    return this.#isOwn('countDocuments') ? this.inner.length() : this.#current().countDocuments(liveFilter(this.#options));
  }

  ids() {
    return this.#isOwn('find') ? this.inner.ids() : this.idsWhere(liveFilter(this.#options), {});
  }

  find(filter, options) {
    return this.#isOwn('find') ? this.inner.find(filter, options) : documentsWhere(this.#current(), filter, options, this.#options);
  }

  idsWhere(filter, options) {
    return this.#isOwn('find') ? this.inner.idsWhere(filter, options) : idsWhere(this.#current(), filter, options, this.#options);
  }

  destroyWhere(filter) {
    return this.#isOwn('deleteMany') ? this.inner.destroyWhere(filter) : destroyWhere(this.#current(), filter);
  }

  async ensureIndexes() {
    if (this.#isOwn('createIndex')) return this.inner.ensureIndexes();
    const { createIndexes = true, expiresKey, expiresAfterSeconds } = this.#options;
    if (!createIndexes) return;
    const userField = userFieldOf(this.#options);
    if (hasExpiryIndex(this.#options)) await this.#current().createIndex({ [expiresKey]: 1 }, { expireAfterSeconds: expiresAfterSeconds });
    if (userField !== undefined) await this.#current().createIndex({ [userField]: 1 }, { sparse: true });
  }

  ensureIndexesLater(done) {
    if (this.#isOwn('createIndex')) this.inner.ensureIndexesLater(done);
    else this.whenAvailable(() => settle(this.ensureIndexes(), (error) => done(error)));
  }
}

/**
 * Lets the promise of an application's method end like an operation of a backend.
 *
 * @param {Promise<*>} promise or something like one
 * @param {function(Error|null, *=): void} done gets an Error, whatever it was rejected with
 */
function settle(promise, done) {
  promise.then((value) => done(null, value), (error) => done(error instanceof Error ? error : new Error(String(error))));
}

module.exports = { ReplacedMethods };
