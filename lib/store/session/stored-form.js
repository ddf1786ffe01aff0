'use strict';

/** What of a session is stored, where the option `serialize` does not say otherwise. */

/**
 * @param {*} session
 * @returns {object} a copy of its enumerable properties, inherited ones too, with the cookie as its `toJSON()` gives it
 * @throws {Error} what a getter or the cookie's `toJSON` throws; a TypeError for a cookie that is null
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

module.exports = { storedCookie, storedForm };
