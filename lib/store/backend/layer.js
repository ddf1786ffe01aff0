'use strict';

/**
 * The one interface that a store works with. The innermost backend (`native.js`) speaks to the background thread;
 * a layer stands around another backend, changes what it has to change, and leaves the rest to it.
 *
 * An operation on one session takes a callback, because a promise each would cost more than everything else that a
 * layer does. A backend may throw before it has begun; it calls back once otherwise, and never runs user code in the
 * callback. Ids are strings; which ones, the layers `stored-ids.js` may change on the way.
 *
 * What is handed over and found (`Save`, `Renewal`, `Found`) is described in `messages.js`.
 *
 * A new layer is a file of its own with a class that extends `Layer`, and a line in `index.js`.
 */
class Layer {
  /** @param {Layer} inner the backend around which this one stands */
  constructor(inner) {
    this.inner = inner;
  }

  /**
   * Reads a session.
   *
   * @param {string} id
   * @param {function(Error=, Found=, boolean=): void} done without a session, also gets whether there was one that had
   *   expired
   */
  get(id, done) {
    this.inner.get(id, done);
  }

  /**
   * Stores a session, whole or what of it differs by `save.comparison`; where there is none, whole, and only if
   * `save.creates`.
   *
   * @param {string} id
   * @param {Save} save
   * @param {function(Error=, boolean=): void} done gets whether the session is new
   */
  write(id, save, done) {
    this.inner.write(id, save, done);
  }

  /**
   * Moves the expiry of a session that is there, and its cookie.
   *
   * @param {string} id
   * @param {Renewal} renewal
   * @param {function(Error=): void} done
   */
  touch(id, renewal, done) {
    this.inner.touch(id, renewal, done);
  }

  /**
   * Deletes a session.
   *
   * @param {string} id
   * @param {undefined|Date} expires given, only a session that still has that expiry
   * @param {function(Error=): void} done
   */
  destroy(id, expires, done) {
    this.inner.destroy(id, expires, done);
  }

  /**
   * Announces, with the option `watch`, that a session is about to be saved past the innermost backend.
   *
   * @param {string} id that it is stored under
   * @param {number} expires that is stored, in ms since 1970
   */
  ownSave(id, expires) {
    this.inner.ownSave(id, expires);
  }

  /**
   * Announces, with the option `watch`, that sessions are about to be deleted past the innermost backend, or by a filter.
   * Whoever calls this emits the events.
   *
   * @param {Array} ids that they are stored under; others' documents may have any value there
   */
  ownDeletions(ids) {
    this.inner.ownDeletions(ids);
  }

  /**
   * @param {string} id of a session
   * @returns {string[]} the ids that it may be stored under
   */
  storedIds(id) {
    return this.inner.storedIds(id);
  }

  /**
   * Looks for sessions, and reads them batch by batch as they are asked for.
   *
   * @param {object} filter on the stored documents, in MongoDB's query language
   * @param {{limit?: number, skip?: number, sort?: *, projection?: object, readPreference?: string}} options
   * @returns {AsyncIterable<Found>}
   */
  find(filter, options) {
    return this.inner.find(filter, options);
  }

  /**
   * @param {object} filter as for `find`
   * @param {{limit?: number, skip?: number, sort?: *, readPreference?: string}} options
   * @returns {Promise<Array>} the ids that the sessions are stored under; others' documents may have any value there
   */
  idsWhere(filter, options) {
    return this.inner.idsWhere(filter, options);
  }

  /**
   * @param {object} filter as for `find`
   * @returns {object} one that matches live sessions only
   */
  live(filter) {
    return this.inner.live(filter);
  }

  /** @returns {Promise<void>} when all sessions are deleted */
  clear() {
    return this.inner.clear();
  }

  /** @returns {Promise<object[]>} the stored documents of live sessions */
  all() {
    return this.inner.all();
  }

  /** @returns {Promise<number>} how many live sessions there are */
  length() {
    return this.inner.length();
  }

  /** @returns {Promise<Array>} the ids of live sessions, as they are stored; others' documents may have any value there */
  ids() {
    return this.inner.ids();
  }

  /**
   * @param {object} filter on the stored documents, in MongoDB's query language
   * @returns {Promise<number>} how many sessions were deleted
   */
  destroyWhere(filter) {
    return this.inner.destroyWhere(filter);
  }

  /** @returns {Promise<void>} when the indexes that the store's options ask for are there */
  ensureIndexes() {
    return this.inner.ensureIndexes();
  }

  /**
   * Makes the same indexes once there is a server. Keeps no process alive.
   *
   * @param {function(Error|null): void} done called when they are there, or refused; not for a store that is closed before
   */
  ensureIndexesLater(done) {
    this.inner.ensureIndexesLater(done);
  }

  /** @param {function(null): void} done called once there is a server; not for a store that is closed before */
  whenAvailable(done) {
    this.inner.whenAvailable(done);
  }
}

module.exports = { Layer };
