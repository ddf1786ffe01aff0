'use strict';

const { dateAt, fieldAt } = require('../session/expiry');
const { kindOf } = require('../values');
const { Layer } = require('./layer');
const { goOn, named } = require('./several');

/**
 * connect-mongo's option `cryptoAdapter`: the application encrypts and decrypts sessions, asynchronously and as text.
 *
 * What is called on one session goes on in the order of the calls, however long each encryption takes: an operation
 * waits for the encryptions that were begun before it, and for nothing else. Encryptions run side by side.
 */
class AdaptedCrypto extends Layer {
  #adapter;
  #options;
  /** The last save of each session that is still being encrypted; it never rejects. @type {Map<string, Promise<void>>} */
  #encrypting = new Map();

  /**
   * @param {Layer} inner
   * @param {object} options of the store
   */
  constructor(inner, options) {
    super(inner);
    this.#adapter = options.cryptoAdapter;
    this.#options = options;
  }

  get(id, done) {
    this.#after(id, done, () => this.inner.get(id, (error, found) => {
      if (error || !found) return done(error, found);
      this.#opened(found.document).then((document) => {
        found.document = document;
        done(null, found);
      }, (reason) => done(errorOf(reason)));
    }));
  }

  write(id, save, done) {
    const plaintext = typeof save.stored === 'string' ? save.stored : JSON.stringify(save.stored);
    const encrypted = this.#encrypted(plaintext);
    const earlier = this.#encrypting.get(id);
    const begin = async () => {
      const { ciphertext, failure } = await encrypted;
      // Also after a failure: what is called next must not overtake the earlier ones.
      await earlier;
      if (failure !== undefined) return done(failure);
      save.stored = ciphertext;
      goOn((ended) => this.inner.write(id, save, ended), done);
    };
    const ready = begin();
    this.#remember(id, ready);
  }

  touch(id, renewal, done) {
    // What is stored is one text: its cookie cannot be changed alone.
    renewal.cookie = undefined;
    this.#after(id, done, () => this.inner.touch(id, renewal, done));
  }

  destroy(id, expires, done) {
    this.#after(id, done, () => this.inner.destroy(id, expires, done));
  }

  async clear() {
    await this.#all();
    return this.inner.clear();
  }

  async all() {
    await this.#all();
    return Promise.all((await this.inner.all()).map((document) => this.#openedOf(document)));
  }

  async *find(filter, options) {
    await this.#all();
    for await (const found of this.inner.find(filter, options)) {
      found.document = await this.#openedOf(found.document);
      yield found;
    }
  }

  async idsWhere(filter, options) {
    await this.#all();
    return this.inner.idsWhere(filter, options);
  }

  async length() {
    await this.#all();
    return this.inner.length();
  }

  async ids() {
    await this.#all();
    return this.inner.ids();
  }

  async destroyWhere(filter) {
    await this.#all();
    return this.inner.destroyWhere(filter);
  }

  /** Begins an operation on a session once the saves that were called before it are on their way: at once if there are none. */
  #after(id, done, begin) {
    const earlier = this.#encrypting.get(id);
    if (earlier === undefined) return begin();
    const begun = earlier.then(() => goOn(begin, done));
    // A later save must not overtake it either.
    this.#remember(id, begun);
  }

  #remember(id, ready) {
    this.#encrypting.set(id, ready);
    ready.then(() => {
      if (this.#encrypting.get(id) === ready) this.#encrypting.delete(id);
    });
  }

  async #all() {
    await Promise.all(this.#encrypting.values());
  }

  /** @returns {Promise<{ciphertext?: string, failure?: Error}>} never rejects: it may be looked at late */
  async #encrypted(plaintext) {
    try {
      const ciphertext = await this.#adapter.encrypt(plaintext);
      if (typeof ciphertext === 'string') return { ciphertext };
      return { failure: new TypeError(`cryptoAdapter.encrypt must give a string; got ${kindOf(ciphertext)}`) };
    } catch (reason) {
      return { failure: errorOf(reason) };
    }
  }

  /** @returns {Promise<object>} as `#opened`, for one of many documents */
  async #openedOf(document) {
    try {
      return await this.#opened(document);
    } catch (reason) {
      throw named(errorOf(reason), fieldAt(document, this.#options.idField));
    }
  }

  /** @returns {Promise<object>} a stored document with its session decrypted: the text or the object that was to be stored */
  async #opened(document) {
    const { session } = document;
    // Nothing of one that has expired is read; it may be older than the secret.
    if (typeof session !== 'string' || dateAt(document, this.#options.expiresKey)?.getTime() <= Date.now()) return document;
    const plaintext = await this.#adapter.decrypt(session);
    const value = parsed(plaintext);
    // What connect-mongo's adapter of kruptein decrypts is text in JSON once more.
    return { ...document, session: this.#options.unserialize === undefined && typeof value !== 'string' ? plaintext : value };
  }
}

/** As connect-mongo: an application's own `unserialize` gets what its `serialize` gave, if that was JSON. */
function parsed(plaintext) {
  try {
    return JSON.parse(plaintext);
  } catch {
    return plaintext;
  }
}

function errorOf(reason) {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Not the value: it may be a session's. */
module.exports = { AdaptedCrypto };
