'use strict';

const crypto = require('node:crypto');
const { promisify } = require('node:util');

const scrypt = promisify(crypto.scrypt);

/** Name -> salt and scrypt hash of the password. A real shop has them in its database. */
const USERS = new Map([
  ['demo', { salt: '0f9d5bd1f6c34d5e', hash: '586c918e2418f1610cc2760662b81bf308605bb4ad89ceb1b45204f878ffab4f' }]
]);

/** Hashed against when there is no such user, so that both answers take the same time. */
const NOBODY = { salt: '0000000000000000', hash: '00'.repeat(32) };

/**
 * @param {string} name
 * @param {string} password
 * @returns {Promise<string|undefined>} the user's name; undefined when the name or the password is wrong
 */
async function findUser(name, password) {
  const { salt, hash } = USERS.get(name) ?? NOBODY;
  const given = await scrypt(password, salt, 32);
  return crypto.timingSafeEqual(given, Buffer.from(hash, 'hex')) ? name : undefined;
}

module.exports = { findUser };
