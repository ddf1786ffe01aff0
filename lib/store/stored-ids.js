'use strict';

/**
 * Under which id a session is stored, where that is not the session id itself: `transformId`,
 * `hashIds`.
 */

const { createHash, createHmac, hkdfSync, pbkdf2, pbkdf2Sync } = require('crypto');

const SALT = 'connect-mongodb-session';
const PURPOSE = 'session ids v1';
/** As for encryption: `src/crypto/keys.rs`. */
const ITERATIONS = 600_000;

/**
 * @param {object} options of a store, cast
 * @returns {null|function(string): string[]} null when sessions are stored under their own ids; gives the id that
 *   a session is stored under, and after it those of earlier secrets, under which it may still be stored. Throws
 *   a TypeError when `transformId` does not give one
 */
function storedIdsOf({ transformId, hashIds, crypto }) {
  if (transformId === undefined && !hashIds) return null;
  const transform = transformId === undefined ? (id) => id : (id) => transformed(transformId, id);
  if (!hashIds) return (id) => [transform(id)];
  if (crypto === undefined) return (id) => [createHash('sha256').update(transform(id)).digest('hex')];
  const keys = crypto.secret.map((secret) => new IdKey(secret));
  return (id) => {
    const stored = transform(id);
    return keys.map((key) => createHmac('sha256', key.value).update(stored).digest('hex'));
  };
}

function transformed(transformId, id) {
  const stored = transformId(id);
  if (typeof stored === 'string' && stored !== '') return stored;
  // Not the value: the id may be in it.
  const kind = stored === '' ? 'an empty one' : stored === null ? 'null' : `a value of type ${typeof stored}`;
  throw new TypeError(`the option transformId must give a string that is not empty; got ${kind}`);
}

/** A secret's key for ids. A passphrase is stretched in the background, which takes some tenths of a second. */
class IdKey {
  #secret;
  #value = null;

  /** @param {string|Buffer} secret */
  constructor(secret) {
    this.#secret = secret;
    if (typeof secret !== 'string') this.#derive(secret);
    else pbkdf2(secret, SALT, ITERATIONS, 32, 'sha256', (error, stretched) => error ?? this.#derive(stretched));
  }

  #derive(material) {
    this.#value ??= Buffer.from(hkdfSync('sha256', material, SALT, PURPOSE, 32));
  }

  /** Asked for before it is there, it is made at once. */
  get value() {
    if (this.#value === null) this.#derive(pbkdf2Sync(this.#secret, SALT, ITERATIONS, 32, 'sha256'));
    return this.#value;
  }
}

module.exports = { storedIdsOf };
