'use strict';

/**
 * Values in sessions that are stored as `{}`, because what they hold is not in properties: a Set, a URL, an instance of
 * a class with private fields. The original loses them too, without a word; here they are warned about.
 *
 * The encoder leaves a document with such a value to the `bson` package, and the search for the key is done there: what
 * is encoded by the fast way costs nothing more.
 */

const { types } = require('util');

/** Warnings in a process, one for each path and class: there may be many, where keys are ids. */
const MAX_WARNINGS = 10;
const warned = new Set();

/** @returns {boolean} whether a warning about a value, which was written as an empty object, may be due */
function mayNeedWarning(value) {
  return warned.size < MAX_WARNINGS && isEmptied(value);
}

/**
 * Warns about the values of a session that were stored as `{}`; does nothing for other documents.
 *
 * @param {object} document was encoded
 */
function warnAboutEmptied(document) {
  if (warned.size >= MAX_WARNINGS || typeof document.session !== 'object') return;
  try {
    search(document.session, 'session', new Set());
  } catch {
    // A getter of the application's threw, which had not when the session was encoded. There is no warning then.
  }
}

function search(value, path, seen) {
  if (typeof value !== 'object' || value === null || seen.has(value) || isOneValue(value)) return;
  seen.add(value);
  if (isEmptied(value)) return warn(value, path);
  const members = types.isMap(value) ? value : Object.entries(value);
  for (const [key, member] of members) search(member, `${path}.${key}`, seen);
}

/** Whether a value is stored as a value of its own kind. */
function isOneValue(value) {
  return value._bsontype != null || typeof value.toBSON === 'function' || types.isDate(value) || types.isRegExp(value) || types.isUint8Array(value);
}

function isEmptied(value) {
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value) || types.isMap(value) || prototype === null || Object.getPrototypeOf(prototype) === null) return false;
  if (Object.keys(value).length > 0) return false;
  if (types.isSet(value)) return value.size > 0;
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return value.byteLength > 0;
  return Object.prototype.toString.call(value) !== '[object Object]' || hasMethods(prototype);
}

/** An instance without properties whose class has no methods either holds nothing that anybody could read. */
function hasMethods(prototype) {
  for (let at = prototype; Object.getPrototypeOf(at) !== null; at = Object.getPrototypeOf(at)) {
    if (Reflect.ownKeys(at).some((name) => name !== 'constructor')) return true;
  }
  return false;
}

const ADVICE = {
  __proto__: null,
  Set: 'Store an array, such as `[...set]`',
  URL: 'Store its text, `url.href`',
  Error: 'Store its message'
};

function warn(value, path) {
  const kind = value.constructor?.name || 'object';
  const what = `${path} ${kind}`;
  if (warned.has(what) || warned.size >= MAX_WARNINGS) return;
  warned.add(what);
  const advice = ADVICE[kind] ?? 'Store a plain object, or give the class a method `toBSON()` that returns one';
  process.emitWarning(
    `${path} is ${/^[AEIOU]/.test(kind) && kind !== 'URL' ? 'an' : 'a'} ${kind}, whose content is not stored: MongoDB has {} in its place. ${advice}`,
    { type: 'MongoDBStoreWarning', code: 'MONGODB_STORE_VALUE_LOST' }
  );
}

module.exports = { mayNeedWarning, warnAboutEmptied };
