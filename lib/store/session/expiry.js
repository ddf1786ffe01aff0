'use strict';

/** When sessions expire: as the application says, and as it is stored. */

const { types } = require('util');
const { numberOrKindOf } = require('../values');
const { warnAboutDuration } = require('./cookie-duration');

/** The last date JavaScript and MongoDB agree on, in ms since 1970. */
const LAST_DATE_MS = 8.64e15;

/** How long a session lives where neither the application nor its cookie says. */
const TWO_WEEKS_MS = 1000 * 60 * 60 * 24 * 14;

let warnedAboutCookie = false;

/**
 * When a session expires.
 *
 * @param {*} session
 * @param {number|function(*): (number|undefined)} lifetime ms from now, for a session without a (readable)
 *   `cookie.expires`; or what gives them for each session, and undefined to leave it to the cookie, or to two weeks
 * @returns {number} ms since 1970
 * @throws {TypeError} when that gives something else; and what it throws
 */
function expiryOf(session, lifetime) {
  if (typeof lifetime !== 'function') return byCookie(session, lifetime);
  const ms = lifetime(session);
  if (ms === undefined) return byCookie(session, TWO_WEEKS_MS);
  if (Number.isFinite(ms)) return expiryAfter(ms);
  throw new TypeError(`the option expires must give a finite number of milliseconds, or undefined; got ${numberOrKindOf(ms)}`);
}

function byCookie(session, fallback) {
  const expires = session?.cookie?.expires;
  if (expires) {
    const time = new Date(expires).getTime();
    if (!Number.isNaN(time)) {
      warnAboutDuration(expires, time);
      return time;
    }
    warnAboutCookie(expires);
  }
  return expiryAfter(fallback);
}

/**
 * @param {number} ms from now
 * @returns {number} ms since 1970
 */
function expiryAfter(ms) {
  return Math.min(Math.trunc(Date.now() + ms), LAST_DATE_MS);
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

module.exports = { TWO_WEEKS_MS, dateAt, expiryAfter, expiryOf, fieldAt };
