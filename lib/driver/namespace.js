'use strict';

/** Where a command goes: a database, and mostly a collection in it. */
class Namespace {
  /**
   * @param {string} db
   * @param {string} [collection] may be empty or malformed: the server is who refuses it
   */
  constructor(db, collection) {
    this.db = db;
    this.collection = collection;
  }

  /** @returns {string} e.g. `test.sessions` */
  toString() {
    return this.collection ? `${this.db}.${this.collection}` : this.db;
  }
}

module.exports = { Namespace };
