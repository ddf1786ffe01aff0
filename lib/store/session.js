'use strict';

const { types } = require('util');
const { isEncrypted } = require('./crypto');
const { unserialized } = require('./serialization');

/** The last date JavaScript and MongoDB agree on, in ms since 1970. */
const LAST_DATE_MS = 8.64e15;

let warnedAboutCookie = false;

/**
 * What of a session is stored: a copy of its enumerable properties, inherited ones too, with the
 * cookie as its `toJSON()` gives it.
 *
 * @param {*} session
 * @returns {object}
 */
function storedForm(session) {
  const copy = {};
  for (const key in session) {
    const value = key === 'cookie' ? storedCookie(session.cookie) : session[key];
    if (key === '__proto__') Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
    else copy[key] = value;
  }
  return copy;
}

/** @throws {TypeError} when it is null, which no reader of the session would survive */
function storedCookie(cookie) {
  if (cookie === null || cookie === undefined) {
    throw new TypeError(`session.cookie must be an object; got ${cookie}`);
  }
  return cookie.toJSON ? cookie.toJSON() : cookie;
}

/**
 * When a session expires.
 *
 * @param {*} session
 * @param {number} fallback ms from now, for a session without a (readable) `cookie.expires`
 * @returns {number} ms since 1970
 */
function expiryOf(session, fallback) {
  const expires = session?.cookie?.expires;
  if (expires) {
    const time = new Date(expires).getTime();
    if (!Number.isNaN(time)) return time;
    warnAboutCookie(expires);
  }
  return Math.min(Math.trunc(Date.now() + fallback), LAST_DATE_MS);
}

function warnAboutCookie(expires) {
  if (warnedAboutCookie) return;
  warnedAboutCookie = true;
  process.emitWarning(
    `A session's cookie.expires is no date (${typeof expires}); such sessions expire after the store's \`expires\` option`,
    { type: 'MongoDBStoreWarning', code: 'MONGODB_STORE_COOKIE_EXPIRES' }
  );
}

/**
 * The date at a path such as `expires` or `meta.expires` of a stored document.
 *
 * @param {object} document
 * @param {string} path
 * @returns {undefined|Date} undefined for whatever is no date: only a date expires
 */
function dateAt(document, path) {
  const value = fieldAt(document, path);
  return types.isDate(value) ? value : undefined;
}

/** A field of a stored document by its name, or by a path such as `meta.sid`. */
function fieldAt(document, path) {
  if (Object.hasOwn(document, path)) return document[path];
  let value = document;
  for (const key of path.split('.')) value = value?.[key];
  return value;
}

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

module.exports = { dateAt, expiryOf, fieldAt, sessionOf, storedCookie, storedForm };
