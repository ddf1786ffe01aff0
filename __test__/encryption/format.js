'use strict';

/** The format of docs/encryption.md with nothing but `node:crypto`: what anybody can read it with. */

const crypto = require('node:crypto');

const SALT = 'connect-mongodb-session';
const MAGIC = Buffer.from('cms\x01');

/** @param {string|Buffer} secret a passphrase, or random bytes */
function keysOf(secret) {
  const material = typeof secret === 'string' ? crypto.pbkdf2Sync(secret, SALT, 600_000, 32, 'sha256') : secret;
  const derive = (purpose) => Buffer.from(crypto.hkdfSync('sha256', material, SALT, purpose, 32));
  return { id: derive('key id v1').subarray(0, 4), master: derive('session encryption v1') };
}

function cipherOf({ master }, random, field, sid, create) {
  const key = crypto.createHmac('sha256', master).update('record v1').update(random.subarray(0, 12)).digest();
  const cipher = create('aes-256-gcm', key, random.subarray(12));
  return cipher.setAAD(Buffer.concat([MAGIC, Buffer.from(`${field}\0${sid}`)]));
}

/** @returns {Buffer} the BSON document in a record */
function open(secret, field, sid, record) {
  const keys = keysOf(secret);
  const [magic, id, random, sealed, tag] = [
    record.subarray(0, 4), record.subarray(4, 8), record.subarray(8, 32), record.subarray(32, -16), record.subarray(-16)
  ];
  if (!magic.equals(MAGIC) || !id.equals(keys.id)) throw new Error('not encrypted with this secret');
  const decipher = cipherOf(keys, random, field, sid, crypto.createDecipheriv).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed), decipher.final()]);
}

/** @returns {Buffer} a record */
function seal(secret, field, sid, plain, random = crypto.randomBytes(24)) {
  const keys = keysOf(secret);
  const cipher = cipherOf(keys, random, field, sid, crypto.createCipheriv);
  return Buffer.concat([MAGIC, keys.id, random, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

module.exports = { open, seal };
