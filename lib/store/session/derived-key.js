'use strict';

const { hkdfSync, pbkdf2, pbkdf2Sync } = require('crypto');

const SALT = 'connect-mongodb-session';
/** As for encryption: `src/crypto/keys.rs`. */
const ITERATIONS = 600_000;

/**
 * A key for one purpose, of a secret of the option `crypto`. A passphrase is stretched in the background, which takes
 * some tenths of a second.
 */
class DerivedKey {
  #secret;
  #purpose;
  #value = null;

  /**
   * @param {string|Buffer} secret
   * @param {string} purpose keeps this key apart from others of the same secret
   */
  constructor(secret, purpose) {
    this.#secret = secret;
    this.#purpose = purpose;
    if (typeof secret !== 'string') this.#derive(secret);
    else pbkdf2(secret, SALT, ITERATIONS, 32, 'sha256', (error, stretched) => error ?? this.#derive(stretched));
  }

  #derive(material) {
    this.#value ??= Buffer.from(hkdfSync('sha256', material, SALT, this.#purpose, 32));
  }

  /** Asked for before it is there, it is made at once. */
  get value() {
    if (this.#value === null) this.#derive(pbkdf2Sync(this.#secret, SALT, ITERATIONS, 32, 'sha256'));
    return this.#value;
  }
}

module.exports = { DerivedKey };
