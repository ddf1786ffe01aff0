'use strict';

/** The option `user`: whose a session is. */

const { isArray, isObject, numberOrKindOf, shown } = require('../values');

const FIELD = 'user';
/** The field of when the user became the session's, by the server's clock; only with `maxSessionsPerUser`. */
const SINCE = 'userSince';
const PURPOSE = 'session users v1';
const ACCEPTED = 'a string, a finite number or an ObjectId';
/** Older versions of the `bson` package have the second name. */
const OBJECT_IDS = new Set(['ObjectId', 'ObjectID']);

/** @returns {undefined|string} the field that says whose a session is; undefined where none does */
function userFieldOf({ user, userField = FIELD }) {
  return user === undefined ? undefined : userField;
}

/** @returns {boolean} whether the field holds no user that anybody knows, but a hash */
function hasHashedUsers({ user, crypto, hashIds }) {
  return user !== undefined && (crypto !== undefined || Boolean(hashIds));
}

/**
 * @param {*} session
 * @param {object} options of the store
 * @returns {undefined|string|number|ObjectId} undefined for nobody
 * @throws {TypeError} when the option `user` gives what is no user; and what it throws
 */
function userOf(session, { user }) {
  const value = user(session);
  if (value === undefined || value === null || isUser(value)) return value ?? undefined;
  // Not the value: it may be anything of a session.
  throw new TypeError(`the option user must give ${ACCEPTED}, or undefined for nobody; got ${shortly(value)}`);
}

/**
 * @param {*} user as an application asks for it
 * @throws {TypeError} when there can be no such user: as a filter it might match everybody
 */
function checkUser(user) {
  if (!isUser(user)) throw new TypeError(`the user must be ${ACCEPTED}; got ${shortly(user)}`);
}

function isUser(value) {
  return typeof value === 'string' || Number.isFinite(value) || isObjectId(value);
}

function isObjectId(value) {
  return typeof value === 'object' && value !== null && OBJECT_IDS.has(value._bsontype);
}

function shortly(value) {
  return isObject(value) && !isArray(value) ? shown(value, { depth: -1 }) : numberOrKindOf(value);
}

/**
 * How users are stored. In the clear; or, where ids or sessions are not to be read from the database either, as a
 * hash: an HMAC where there is a secret.
 *
 * @param {object} options of a store, cast
 * @returns {function(string|number|ObjectId): Array} gives the value that a user is stored as, and after it those of
 *   earlier secrets
 */
function storedUsersOf(options) {
  if (!hasHashedUsers(options)) return (user) => [user];
  const { createHash, createHmac } = require('crypto');
  const { DerivedKey } = require('./derived-key');
  if (options.crypto === undefined) return (user) => [createHash('sha256').update(text(user)).digest('hex')];
  const keys = options.crypto.secret.map((secret) => new DerivedKey(secret, PURPOSE));
  return (user) => keys.map((key) => createHmac('sha256', key.value).update(text(user)).digest('hex'));
}

/** No two users have the same: 7 is another one than '7'. */
function text(user) {
  if (isObjectId(user)) return `ObjectId:${user.toHexString()}`;
  return `${typeof user}:${user}`;
}

/** @returns {boolean} whether two stored values are of the same user */
function sameUser(one, other) {
  return one === other || (isUser(one) && isUser(other) && text(one) === text(other));
}

module.exports = { SINCE, checkUser, hasHashedUsers, sameUser, storedUsersOf, userFieldOf, userOf };
