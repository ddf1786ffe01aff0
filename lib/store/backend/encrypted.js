'use strict';

const { fieldAt } = require('../session/expiry');
const { Layer } = require('./layer');
const { Found } = require('./messages');
const { named } = require('./several');

/** Sessions that are read at a time. */
const AT_ONCE = 1000;

/**
 * The option `crypto`: sessions are encrypted and decrypted by the background thread, one operation at a time. So
 * methods that an application puts on `store.collection` see nothing of them, and `all` and `find` read each by its id.
 */
class Encrypted extends Layer {
  #collection;
  #idField;

  /**
   * @param {Layer} inner
   * @param {Collection} collection that the store opened
   * @param {string} idField
   */
  constructor(inner, collection, idField) {
    super(inner);
    this.#collection = collection;
    this.#idField = idField;
  }

  async all() {
    const documents = [];
    for await (const { document } of this.#readAll(await this.ids())) documents.push(document);
    return documents;
  }

  async * find(filter, options) {
    let ids = [];
    for await (const { document } of this.inner.find(filter, { ...options, projection: { [this.#idField]: 1 } })) {
      ids.push(fieldAt(document, this.#idField));
      if (ids.length < AT_ONCE) continue;
      yield * this.#readAll(ids);
      ids = [];
    }
    yield * this.#readAll(ids);
  }

  async * #readAll(ids) {
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      const some = ids.slice(start, start + AT_ONCE).map((id) => this.#read(id));
      for (const found of await Promise.all(some)) if (found) yield found;
    }
  }

  #read(id) {
    // Somebody else's document: no session has such an id.
    if (typeof id !== 'string') return this.#readOther(id);
    return new Promise((resolve, reject) => {
      this.inner.get(id, (error, found) => (error ? reject(named(error, id)) : resolve(found)));
    });
  }

  async #readOther(id) {
    const document = await this.#collection.findOne({ [this.#idField]: id });
    return document === null ? undefined : new Found(document, null);
  }
}

module.exports = { Encrypted };
