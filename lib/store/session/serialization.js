'use strict';

/** The options `serialize` and `unserialize`: what an application stores in place of a session. */

const { inspect } = require('util');

/**
 * @param {{serialize?: function(object): *}} options
 * @param {*} session
 * @returns {*} what is stored
 * @throws {TypeError} when it gives nothing that can be
 */
function serialized({ serialize }, session) {
  const stored = serialize(session);
  const isValue = stored !== undefined && stored !== null && typeof stored !== 'function' && typeof stored !== 'symbol';
  if (isValue && typeof stored.then !== 'function') return stored;
  throw new TypeError(`the option serialize must give what is to be stored, at once; got ${shown(stored)}`);
}

/**
 * @param {{unserialize: function(*): object, anySession?: boolean}} options `anySession`: whatever it gives is the session
 * @param {*} stored
 * @returns {object} the session
 * @throws {TypeError} when it gives none
 */
function unserialized({ unserialize, anySession = false }, stored) {
  const session = unserialize(stored);
  if (anySession) return session;
  if (typeof session === 'object' && session !== null && typeof session.then !== 'function') return session;
  throw new TypeError(`the option unserialize must give a session, at once; got ${shown(session)}`);
}

/** Not the content: it may be a session's. */
function shown(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value.then === 'function') return 'a promise';
  return typeof value === 'object' ? inspect(value, { depth: -1 }) : `a value of type ${typeof value}`;
}

module.exports = { serialized, unserialized };
