'use strict';

/**
 * Which filters could match anything. A session that is encrypted, or stored as what `serialize` gave, has no paths into
 * it; a hashed id is not the session's id, and a hashed user not the user. A filter on these would find nothing, and
 * somebody would believe to be logged out everywhere.
 */

const { hasHashedUsers, userFieldOf } = require('./session/user');
const { isArray, isObject } = require('./values');

const LOGICAL = ['$and', '$or', '$nor'];
/** A path into the session within an expression. */
const EXPRESSION_PATH = /^\$(\$(ROOT|CURRENT)\.)?session(\.|$)/;

const ADVICE = 'destroy([ids]) takes the ids of sessions, as the application knows them';
const ADVICE_OF_USERS = 'sessionsOf(user) and destroyUser(user) take the user as the application knows it';

/**
 * @param {string} method of the store that takes the filter
 * @param {object} filter checked
 * @param {object} options of the store
 * @throws {TypeError} naming the option because of which the filter would find nothing, and what works
 */
function checkReachable(method, filter, options) {
  const { crypto, serialize } = options;
  if (crypto !== undefined || serialize !== undefined) {
    const path = pathIntoSession(filter);
    if (path !== undefined) throw unreachableSession(method, path, crypto !== undefined);
  }
  checkHashed(method, fieldsOf(filter), options);
}

/**
 * @param {string} method of the store that takes the order
 * @param {string[]} paths that sessions are to be sorted by
 * @param {object} options of the store
 * @throws {TypeError} when there is no order by one of them
 */
function checkSortable(method, paths, options) {
  const { crypto, serialize } = options;
  const path = paths.find((each) => each === 'session' || each.startsWith('session.'));
  if (path !== undefined && (crypto !== undefined || serialize !== undefined)) throw unreachableSession(method, path, crypto !== undefined);
  checkHashed(method, paths, options);
}

function checkHashed(method, fields, options) {
  const { crypto, hashIds, idField } = options;
  if (hashIds && fields.includes(idField)) {
    throw new TypeError(
      `${method} cannot filter by "${idField}" with the option hashIds: what is stored there is a hash of the session's id, so this ` +
        `would find nothing. ${ADVICE}`
    );
  }
  const userField = hasHashedUsers(options) ? userFieldOf(options) : undefined;
  if (userField !== undefined && fields.includes(userField)) {
    throw new TypeError(
      `${method} cannot filter by "${userField}" with the option ${crypto === undefined ? 'hashIds' : 'crypto'}: what is stored there ` +
        `is a hash of the user, so this would find nothing. ${ADVICE_OF_USERS}`
    );
  }
}

function unreachableSession(method, path, isEncrypted) {
  const why = isEncrypted
    ? 'with the option crypto: sessions are encrypted'
    : 'with the option serialize: what it gives is stored in place of the session';
  const more = isEncrypted
    ? ''
    : `. Where \`serialize\` gives objects, store.collection.${method === 'find' ? 'find' : 'deleteMany'}(filter) reaches into them`;
  return new TypeError(`${method} cannot look into sessions ("${path}") ${why}, so this would find nothing. ${ADVICE}${more}`);
}

/** @returns {string[]} the fields that a filter has conditions on, nested ones too */
function fieldsOf(filter) {
  return Object.keys(filter).flatMap((name) => {
    if (!LOGICAL.includes(name)) return [name];
    return isArray(filter[name]) ? filter[name].filter(isObject).flatMap(fieldsOf) : [];
  });
}

/** @returns {undefined|string} a path into the session that a filter has a condition on */
function pathIntoSession(filter) {
  for (const [name, condition] of Object.entries(filter)) {
    if (name.startsWith('session.')) return name;
    if (name === 'session' && isWholeSession(condition)) return name;
    let path;
    if (name === '$expr') path = pathInExpression(condition);
    else if (LOGICAL.includes(name) && isArray(condition)) path = first(condition.filter(isObject), pathIntoSession);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** Compared with a document: no operator such as `$exists` or `$type`. */
function isWholeSession(condition) {
  return Object.prototype.toString.call(condition) === '[object Object]' && condition._bsontype === undefined &&
    !Object.keys(condition).some((name) => name.startsWith('$'));
}

function pathInExpression(expression) {
  if (typeof expression === 'string') return EXPRESSION_PATH.test(expression) ? expression : undefined;
  return isObject(expression) ? first(Object.values(expression), pathInExpression) : undefined;
}

function first(values, find) {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

module.exports = { checkReachable, checkSortable };
