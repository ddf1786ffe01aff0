'use strict';

/** connect-mongo 6's adapter for `cryptoAdapter` on Web Crypto: what one of the two has encrypted, the other reads. */

const { types } = require('util');
const { webcrypto } = require('crypto');

const { subtle } = webcrypto;
const DEFAULT_SALT = 'connect-mongo:webcrypto-default-salt';
const DEFAULT_ITERATIONS = 310_000;
/** Bytes of the random start, by algorithm. */
const IV_BYTES = { 'AES-GCM': 12, 'AES-CBC': 16 };
const ENCODINGS = ['base64', 'base64url', 'hex'];

/**
 * `connect-mongo.d.ts` documents it. What is stored is the IV and then the ciphertext, as text.
 *
 * @param {object} options
 * @returns {{encrypt: function(string): Promise<string>, decrypt: function(string): Promise<string>}}
 * @throws {TypeError} for options that cannot be used; nothing of the secret is in it
 */
function createWebCryptoAdapter({ secret, ivLength, encoding = 'base64', algorithm = 'AES-GCM', salt = DEFAULT_SALT, iterations = DEFAULT_ITERATIONS } = {}) {
  if (!secret) throw new TypeError('createWebCryptoAdapter requires a secret');
  if (!Object.hasOwn(IV_BYTES, algorithm)) throw unknown('algorithm', algorithm, Object.keys(IV_BYTES));
  if (!ENCODINGS.includes(encoding)) throw unknown('encoding', encoding, ENCODINGS);
  const ivBytes = ivLength ?? IV_BYTES[algorithm];
  const key = deriveKey(bytesOf('secret', secret), bytesOf('salt', salt), algorithm, iterations);
  // Whoever encrypts gets its failure; until then nobody need be asked.
  key.catch(() => {});
  return {
    async encrypt(plaintext) {
      const iv = webcrypto.getRandomValues(new Uint8Array(ivBytes));
      const encrypted = await subtle.encrypt({ name: algorithm, iv }, await key, Buffer.from(plaintext));
      return Buffer.concat([iv, Buffer.from(encrypted)]).toString(encoding);
    },

    async decrypt(ciphertext) {
      const bytes = Buffer.from(ciphertext, encoding);
      const iv = bytes.subarray(0, ivBytes);
      const decrypted = await subtle.decrypt({ name: algorithm, iv }, await key, bytes.subarray(ivBytes));
      return Buffer.from(decrypted).toString();
    }
  };
}

async function deriveKey(secret, salt, algorithm, iterations) {
  const base = await subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', salt, iterations, hash: 'SHA-256' };
  return subtle.deriveKey(how, base, { name: algorithm, length: 256 }, false, ['encrypt', 'decrypt']);
}

function bytesOf(name, value) {
  if (typeof value === 'string') return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (types.isAnyArrayBuffer(value)) return Buffer.from(value);
  throw new TypeError(`createWebCryptoAdapter takes a string or bytes as ${name}; got a value of type ${typeof value}`);
}

function unknown(name, value, accepted) {
  return new TypeError(`createWebCryptoAdapter takes ${accepted.map((one) => `'${one}'`).join(', ')} as ${name}; got ${String(value)}`);
}

module.exports = { createWebCryptoAdapter };
