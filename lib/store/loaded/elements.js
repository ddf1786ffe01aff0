'use strict';

/** Bytes of the values of fixed size, by BSON type. */
const FIXED = { 1: 8, 6: 0, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8, 19: 16, 127: 0, 255: 0 };
const STRINGS = new Set([2, 13, 14]);
const SIZED = new Set([3, 4, 15]);
const BINARY = 5;
const REGEX = 11;
const DB_POINTER = 12;

/**
 * The elements of a BSON document: each with its type and key.
 *
 * @param {Buffer} document
 * @returns {null|Map<string, Buffer>} by key; null when it has a key twice or is not understood
 */
function elementsOf(document) {
  const elements = new Map();
  const last = document.length - 1;
  for (let at = 4; at < last;) {
    const keyEnd = document.indexOf(0, at + 1);
    const end = keyEnd < 0 ? -1 : endOfValue(document, document[at], keyEnd + 1);
    if (!(end > at && end <= last)) return null;
    const key = document.utf8Slice(at + 1, keyEnd);
    if (elements.has(key)) return null;
    elements.set(key, document.subarray(at, end));
    at = end;
  }
  return elements;
}

function endOfValue(bytes, type, at) {
  const fixed = FIXED[type];
  if (fixed !== undefined) return at + fixed;
  if (type === REGEX) return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1;
  if (at + 4 > bytes.length) return -1;
  const size = bytes.readInt32LE(at);
  if (STRINGS.has(type)) return at + 4 + size;
  if (SIZED.has(type)) return at + size;
  if (type === BINARY) return at + 5 + size;
  return type === DB_POINTER ? at + 16 + size : -1;
}

/**
 * Cuts the session out of a stored document.
 *
 * @param {Buffer} document valid only now
 * @returns {null|Buffer} a copy; null when the stored session is no document
 */
function sessionBytes(document) {
  const element = elementsOf(document)?.get('session');
  return element?.[0] === 3 ? Buffer.from(element.subarray('session'.length + 2)) : null;
}

module.exports = { elementsOf, sessionBytes };
