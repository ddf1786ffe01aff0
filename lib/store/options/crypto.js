'use strict';

/** The option `crypto`: what it takes, and what the background thread gets of it. */

const { inspect, types } = require('util');
const { kindOf } = require('../values');
const { ValidatorError } = require('./errors');

const KEY_BYTES = 32;
const MIN_PASSPHRASE = 8;
const NAMES = ['secret', 'required', 'connectMongo'];

/**
 * @param {*} value
 * @param {{minPassphrase?: number}} [limits] how many characters a passphrase has at least
 * @returns {{required: boolean, secret: Array<string|Buffer>, connectMongo: undefined|string[]}} a copy; `secret` and
 *   `connectMongo` show up in no inspection and no JSON
 * @throws {ValidatorError} saying what is accepted, and nothing of a secret
 */
function castCrypto(value, { minPassphrase = MIN_PASSPHRASE } = {}) {
  if (typeof value !== 'object' || Array.isArray(value) || types.isUint8Array(value)) {
    throw new ValidatorError(`must be an object such as { secret: process.env.SESSION_KEY }; got ${bytesOrKindOf(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (!NAMES.includes(name)) throw new ValidatorError(`has no \`${name}\`; it takes \`secret\`, \`required\` and \`connectMongo\``);
  }
  const { secret, required = false, connectMongo } = value;
  if (typeof required !== 'boolean') throw new ValidatorError(`required must be a boolean; got ${bytesOrKindOf(required)}`);
  const secrets = (Array.isArray(secret) ? Array.from(secret) : [secret]).map((one) => castSecret(one, minPassphrase));
  if (secrets.length === 0) throw new ValidatorError('secret must have at least one secret; got an empty array');
  return Object.defineProperties({ required }, { secret: { value: secrets }, connectMongo: { value: castConnectMongo(connectMongo) } });
}

/** @returns {undefined|string[]} the secrets with which connect-mongo encrypted: of any length, as it took them */
function castConnectMongo(given) {
  if (given === undefined || given === null) return undefined;
  const secrets = Array.isArray(given) ? Array.from(given) : [given];
  for (const secret of secrets) {
    if (typeof secret === 'string' && secret !== '') continue;
    throw new ValidatorError(`connectMongo must be a secret of connect-mongo (a string), or an array of them; got ${secret === '' ? 'an empty string' : bytesOrKindOf(secret)}`);
  }
  if (secrets.length === 0) throw new ValidatorError('connectMongo must have at least one secret; got an empty array');
  return secrets;
}

function castSecret(secret, minPassphrase) {
  if (typeof secret === 'string') {
    if (secret.length >= minPassphrase) return secret;
    throw new ValidatorError(`secret must be a passphrase of at least ${minPassphrase} characters; got one of ${secret.length}`);
  }
  if (types.isUint8Array(secret)) {
    if (secret.length >= KEY_BYTES) return Buffer.from(secret);
    throw new ValidatorError(`secret must be at least ${KEY_BYTES} random bytes; got ${secret.length}`);
  }
  throw new ValidatorError(
    `secret must be a passphrase (a string), at least ${KEY_BYTES} random bytes (a Buffer or Uint8Array), or an array ` +
      `of those; got ${bytesOrKindOf(secret)}`
  );
}

function bytesOrKindOf(value) {
  return types.isUint8Array(value) ? 'bytes' : kindOf(value);
}

/**
 * @param {object} crypto cast
 * @returns {object} as `src/crypto` reads it
 */
function nativeCrypto(crypto) {
  const secrets = crypto.secret.map((secret) => {
    return typeof secret === 'string' ? { passphrase: secret } : { key: secret.toString('hex') };
  });
  return { secrets, required: crypto.required, connectMongo: crypto.connectMongo };
}

/**
 * @param {object} options of a store, cast
 * @throws {TypeError} for what cannot be had together with `crypto`, which is given
 */
function checkWithOthers({ idField, expiresKey, partialUpdates }) {
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

function shownCrypto() {
  return { ...this, secret: '…', ...(this.connectMongo && { connectMongo: '…' }) };
}

/** @param {object} crypto gets a property that only `util.inspect` sees */
function hideSecret(crypto) {
  Object.defineProperty(crypto, inspect.custom, { value: shownCrypto });
}

module.exports = { castCrypto, checkWithOthers, hideSecret, nativeCrypto };
