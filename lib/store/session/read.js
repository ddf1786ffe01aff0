'use strict';

/** From what is stored back to a session. */

const { types } = require('util');
const { dateAt } = require('./expiry');
const { unserialized } = require('./serialization');

/**
 * The session of a stored document. One that connect-mongo stored as a JSON string is parsed.
 *
 * @param {object} document
 * @param {object} options of the store
 * @returns {*}
 * @throws {TypeError} when it is encrypted, or a string but not JSON of an object
 */
function sessionOf(document, options) {
  const { session } = document;
  if (isEncrypted(session)) throw new TypeError('the stored session is encrypted, and the option crypto is not given');
  if (options.unserialize !== undefined && session !== undefined) return renewed(unserialized(options, session), document, options);
  if (typeof session === 'string') return renewed(parsed(session), document, options);
  return options.serialize === undefined ? session : renewed(session, document, options);
}

/** @returns {boolean} whether a stored session is one that only a store with `crypto` can read */
function isEncrypted(session) {
  return session?._bsontype === 'Binary' && session.buffer?.[0] === 0x63 && session.buffer[1] === 0x6d && session.buffer[2] === 0x73;
}

/**
 * Gives the cookie the date at which the session expires. A touch moves that one alone where the cookie is within a
 * text, or in what `serialize` gave.
 */
function renewed(session, document, { expiresKey }) {
  const cookie = session?.cookie;
  const expires = dateAt(document, expiresKey);
  // Not by a setter of the application's class.
  if (expires === undefined || typeof cookie !== 'object' || cookie === null || !Object.hasOwn(cookie, 'expires')) return session;
  const isText = typeof cookie.expires === 'string';
  const before = isText || types.isDate(cookie.expires) ? new Date(cookie.expires).getTime() : NaN;
  if (!Number.isNaN(before) && before !== expires.getTime()) {
    Reflect.set(cookie, 'expires', isText ? expires.toISOString() : new Date(expires));
  }
  return session;
}

/** @returns {object} a session that connect-mongo stored as JSON text; what it encrypted is text too */
function parsed(text) {
  let session;
  try {
    session = JSON.parse(text);
  } catch {
    throw new TypeError('the stored session is a string that is not JSON; connect-mongo stores encrypted ones so');
  }
  if (typeof session !== 'object' || session === null || Array.isArray(session)) {
    throw new TypeError('the stored session is JSON, but no object; connect-mongo 3 stores encrypted ones so');
  }
  const { hmac, ct, cookie } = session;
  if (cookie === undefined && typeof hmac === 'string' && typeof ct === 'string') {
    throw new TypeError('the stored session was encrypted by connect-mongo');
  }
  return session;
}

module.exports = { isEncrypted, sessionOf };
