'use strict';

/** connect-mongo 6's adapter for what the option `crypto` says: here it stands for that option. */
class KrupteinAdapter {
  /** Private: there is a secret in it. */
  #options;

  /** @param {object} options as `crypto` */
  constructor(options) {
    this.#options = options;
  }

  /** @returns {object} what `crypto` would be */
  get crypto() {
    return this.#options;
  }

  async encrypt() {
    throw new Error('what createKrupteinAdapter gives is for the option cryptoAdapter: the background thread encrypts, this function does not');
  }

  async decrypt() {
    throw new Error('what createKrupteinAdapter gives is for the option cryptoAdapter: the background thread decrypts, this function does not');
  }
}

/**
 * `connect-mongo.d.ts` documents it.
 *
 * @param {object} options
 * @returns {KrupteinAdapter}
 * @throws {TypeError} without a secret
 */
function createKrupteinAdapter(options) {
  if (!options?.secret) throw new TypeError('createKrupteinAdapter requires a non-empty secret');
  return new KrupteinAdapter(options);
}

module.exports = { KrupteinAdapter, createKrupteinAdapter };
