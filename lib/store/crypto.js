'use strict';

/** The option `crypto`: what it takes, and what the background thread is told of it. */

const { inspect, types } = require('util');
const { ValidatorError } = require('./cast-errors');

const KEY_BYTES = 32;
const MIN_PASSPHRASE = 8;
const NAMES = ['secret', 'required'];

/**
 * @param {*} value
 * @returns {{required: boolean, secret: Array<string|Buffer>}} a copy; `secret` shows up in no inspection and
 *   no JSON
 * @throws {ValidatorError} saying what is accepted, and nothing of a secret
 */
function castCrypto(value) {
  if (typeof value !== 'object' || Array.isArray(value) || types.isUint8Array(value)) {
    throw new ValidatorError(`must be an object such as { secret: process.env.SESSION_KEY }; got ${kindOf(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (!NAMES.includes(name)) throw new ValidatorError(`has no \`${name}\`; it takes \`secret\` and \`required\``);
  }
  const { secret, required = false } = value;
  if (typeof required !== 'boolean') throw new ValidatorError(`required must be a boolean; got ${kindOf(required)}`);
  const secrets = Array.isArray(secret) ? Array.from(secret, castSecret) : [castSecret(secret)];
  if (secrets.length === 0) throw new ValidatorError('secret must have at least one secret; got an empty array');
  return Object.defineProperty({ required }, 'secret', { value: secrets });
}

function castSecret(secret) {
  if (typeof secret === 'string') {
    if (secret.length >= MIN_PASSPHRASE) return secret;
    throw new ValidatorError(`secret must be a passphrase of at least ${MIN_PASSPHRASE} characters; got one of ${secret.length}`);
  }
  if (types.isUint8Array(secret)) {
    if (secret.length >= KEY_BYTES) return Buffer.from(secret);
    throw new ValidatorError(`secret must be at least ${KEY_BYTES} random bytes; got ${secret.length}`);
  }
  throw new ValidatorError(
    `secret must be a passphrase (a string), at least ${KEY_BYTES} random bytes (a Buffer or Uint8Array), or an array ` +
      `of those; got ${kindOf(secret)}`
  );
}

function kindOf(value) {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return types.isUint8Array(value) ? 'bytes' : `a value of type ${typeof value}`;
}

/** @returns {undefined|object} as `src/crypto` reads it */
function nativeCrypto(crypto) {
  if (crypto === undefined) return undefined;
  const secrets = crypto.secret.map((secret) => {
    return typeof secret === 'string' ? { passphrase: secret } : { key: secret.toString('hex') };
  });
  return { secrets, required: crypto.required };
}

/**
 * @param {object} options of a store, cast
 * @throws {TypeError} for what cannot be had together with `crypto`
 */
function checkWithOthers({ crypto, idField, expiresKey, partialUpdates }) {
  if (crypto === undefined) return;
  if (partialUpdates) {
    throw new TypeError('partialUpdates cannot be used with crypto: an encrypted session is written as a whole');
  }
  if (idField === 'cookie' || expiresKey === 'cookie') {
    throw new TypeError(
      `idField ("${idField}") and expiresKey ("${expiresKey}") must be other fields than "cookie", where crypto keeps the ` +
        'encrypted cookie'
    );
  }
}

/** @returns {boolean} whether a stored session is one that only a store with `crypto` can read */
function isEncrypted(session) {
  return session?._bsontype === 'Binary' && session.buffer?.[0] === 0x63 && session.buffer[1] === 0x6d && session.buffer[2] === 0x73;
}

function shownCrypto() {
  return { ...this, secret: '…' };
}

/** @param {object} crypto gets a property that only `util.inspect` sees */
function hideSecret(crypto) {
  Object.defineProperty(crypto, inspect.custom, { value: shownCrypto });
}

module.exports = { castCrypto, checkWithOthers, hideSecret, isEncrypted, nativeCrypto };
