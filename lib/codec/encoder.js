'use strict';

/**
 * Plain data to BSON, written straight into a buffer.
 *
 * Whatever is not plain is refused with `EXOTIC`, and the caller has the `bson` package encode the
 * whole document: this file never has to imitate the rare cases.
 */

const { types } = require('util');
const { isInstance: isBsonInstance } = require('./adopt');
const { refuseTooLarge } = require('./bigints');
const { mayNeedWarning } = require('./emptied');
const { VERSION } = require('./bson');
const { KEY_BYTES, NOT_KEPT, keyAfter } = require('./encoder-keys');
const { viewOf } = require('./views');

/** Thrown when the document holds a value that only the `bson` package knows to encode. */
const EXOTIC = Symbol('exotic');
/** Thrown when the document does not fit into the buffer. */
const NO_ROOM = Symbol('no room');

const DOUBLE = 1;
const STRING = 2;
const DOCUMENT = 3;
const ARRAY = 4;
const BINARY = 5;
const OBJECT_ID = 7;
const BOOLEAN = 8;
const DATE = 9;
const NULL = 10;
const INT32 = 16;
const INT64 = 18;

/**
 * Deeper documents go to the `bson` package, which recognises circular ones. Low, because a circular
 * session is walked this deep before that.
 */
const MAX_DEPTH = 40;
/** An empty document has its length and a NUL. */
const EMPTY_BYTES = 5;
/** Longer strings are faster written natively than character by character. */
const SHORT_STRING = 48;
/** Room for an element's NUL after the key and the largest value of fixed size. */
const ELEMENT_BYTES = 16;

const { getPrototypeOf, hasOwn, prototype: objectPrototype } = Object;
const { toString: tagOf } = objectPrototype;
const { isArray } = Array;
const EMPTY = {};

/** Of the document being written; a getter in it may have another one written meanwhile. */
let view = null;
let checkOwn = false;

/**
 * Writes a document.
 *
 * @param {Buffer} buffer
 * @param {number} offset
 * @param {object} document
 * @returns {number} where it ends
 * @throws {symbol} `EXOTIC` or `NO_ROOM`; what is in the buffer after `offset` is garbage then
 * @throws {Error} what a getter in the document throws
 */
function write(buffer, offset, document) {
  if (typeof document !== 'object' || document === null || isArray(document)) throw EXOTIC;
  const prototype = getPrototypeOf(document);
  if (prototype !== objectPrototype && prototype !== null) throw EXOTIC;
  if (document.toBSON !== undefined || document._bsontype !== undefined || primitivesHaveToBSON()) throw EXOTIC;
  const outerView = view;
  const outerCheckOwn = checkOwn;
  view = viewOf(buffer);
  checkOwn = somethingIsInherited();
  try {
    return writeDocument(buffer, offset, document, NOT_KEPT, checkOwn, 0);
  } finally {
    view = outerView;
    checkOwn = outerCheckOwn;
  }
}

/** Whether the values of which `writeValue` does not ask it each could have a `toBSON`. */
function primitivesHaveToBSON() {
  return (
    String.prototype.toBSON !== undefined || Number.prototype.toBSON !== undefined ||
    Boolean.prototype.toBSON !== undefined || BigInt.prototype.toBSON !== undefined ||
    Symbol.prototype.toBSON !== undefined
  );
}

/** Whether someone gave `Object.prototype` enumerable properties, which are not stored. */
function somethingIsInherited() {
  for (const _ in EMPTY) return true;
  return false;
}

function writeDocument(bytes, start, object, parent, isInstance, depth) {
  let at = start + 4;
  let key = parent.inside;
  for (const text in object) {
    if (isInstance && !hasOwn(object, text)) continue;
    key = keyAfter(key, text);
    const valueAt = key.size > 0 ? writeKeptKey(bytes, at + 1, key) : writeKey(bytes, at + 1, text);
    at = writeValue(bytes, at, valueAt, object[text], key, depth);
  }
  return finish(bytes, start, at);
}

function writeArray(bytes, start, array, parent, depth) {
  let at = start + 4;
  for (let i = 0; i < array.length; i++) {
    at = writeValue(bytes, at, writeIndex(bytes, at + 1, i), array[i], parent, depth);
  }
  return finish(bytes, start, at);
}

function finish(bytes, start, at) {
  if (at >= bytes.length) throw NO_ROOM;
  bytes[at++] = 0;
  view.setInt32(start, at - start, true);
  return at;
}

/** @returns {number} where the value begins; there is room for it if its size is fixed */
function writeKey(bytes, at, key) {
  const { length } = key;
  if (at + length + ELEMENT_BYTES > bytes.length) throw NO_ROOM;
  for (let i = 0; i < length; i++) {
    const code = key.charCodeAt(i);
    if (code === 0 || code > 0x7f) return writeUnusualKey(bytes, at, key);
    bytes[at + i] = code;
  }
  at += length;
  bytes[at] = 0;
  return at + 1;
}

function writeKeptKey(bytes, at, key) {
  if (at + KEY_BYTES + ELEMENT_BYTES > bytes.length) throw NO_ROOM;
  const { size } = key;
  // Four bytes at a time: the value overwrites those behind the key's NUL.
  view.setInt32(at, key.first, true);
  if (size > 4) {
    view.setInt32(at + 4, key.second, true);
    if (size > 8) {
      view.setInt32(at + 8, key.third, true);
      if (size > 12) view.setInt32(at + 12, key.fourth, true);
    }
  }
  return at + size;
}

function writeUnusualKey(bytes, at, key) {
  if (key.includes('\0')) throw EXOTIC;
  if (at + Buffer.byteLength(key) + ELEMENT_BYTES > bytes.length) throw NO_ROOM;
  at += bytes.utf8Write(key, at);
  bytes[at] = 0;
  return at + 1;
}

function writeIndex(bytes, at, index) {
  if (index > 999) return writeKey(bytes, at, String(index));
  if (at + 3 + ELEMENT_BYTES > bytes.length) throw NO_ROOM;
  if (index > 99) bytes[at++] = 48 + (index / 100 | 0);
  if (index > 9) bytes[at++] = 48 + (index / 10 | 0) % 10;
  bytes[at] = 48 + index % 10;
  bytes[at + 1] = 0;
  return at + 2;
}

/**
 * Writes the type at `typeAt` and the value at `at`.
 *
 * @returns {number} where the element ends; `typeAt` for what is not stored
 */
function writeValue(bytes, typeAt, at, value, parent, depth) {
  switch (typeof value) {
    case 'string':
      bytes[typeAt] = STRING;
      return writeString(bytes, at, value);
    case 'number':
      // -0 is no int32.
      if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
        bytes[typeAt] = INT32;
        view.setInt32(at, value, true);
        return at + 4;
      }
      bytes[typeAt] = DOUBLE;
      view.setFloat64(at, value, true);
      return at + 8;
    case 'boolean':
      bytes[typeAt] = BOOLEAN;
      bytes[at] = value ? 1 : 0;
      return at + 1;
    case 'object':
      if (value !== null) return writeObject(bytes, typeAt, at, value, parent, depth);
      bytes[typeAt] = NULL;
      return at;
    case 'undefined':
      bytes[typeAt] = NULL;
      return at;
    case 'bigint':
      bytes[typeAt] = INT64;
      return writeBigInt(at, value);
    case 'function':
      if (typeof value.toBSON === 'function') throw EXOTIC;
      return typeAt;
    default:
      return typeAt;
  }
}

function writeObject(bytes, typeAt, at, value, parent, depth) {
  if (depth === MAX_DEPTH || typeof value.toBSON === 'function') throw EXOTIC;
  if (value._bsontype != null) return writeObjectId(bytes, typeAt, at, value);
  if (isArray(value)) {
    bytes[typeAt] = ARRAY;
    return writeArray(bytes, at, value, parent, depth + 1);
  }
  const prototype = getPrototypeOf(value);
  if (prototype === objectPrototype || prototype === null) {
    if (value[Symbol.toStringTag] !== undefined) throw EXOTIC;
    // A Date that lost its prototype, say: stored as an object it would be empty.
    if (prototype === null && tagOf.call(value) !== '[object Object]') throw EXOTIC;
    bytes[typeAt] = DOCUMENT;
    return writeDocument(bytes, at, value, parent, checkOwn, depth + 1);
  }
  if (prototype === Date.prototype || types.isDate(value)) return writeDate(bytes, typeAt, at, value);
  if (types.isUint8Array(value)) return writeBinary(bytes, typeAt, at, value);
  if (!isInstanceOfSomeClass(value)) throw EXOTIC;
  bytes[typeAt] = DOCUMENT;
  return writeInstance(bytes, at, value, parent, depth + 1);
}

function writeInstance(bytes, at, value, parent, depth) {
  const end = writeDocument(bytes, at, value, parent, true, depth);
  // Not by this file: where the `bson` package encodes, there is time to look for what the session loses.
  if (end - at === EMPTY_BYTES && mayNeedWarning(value)) throw EXOTIC;
  return end;
}

/** Whether the `bson` package would store its own enumerable properties. */
function isInstanceOfSomeClass(value) {
  return (
    tagOf.call(value) === '[object Object]' && !(value instanceof Date) && !(value instanceof Map) &&
    !(value instanceof RegExp) && !(value instanceof Uint8Array)
  );
}

/** One of any version of the `bson` package; there is room for its 12 bytes. */
function writeObjectId(bytes, typeAt, at, value) {
  const type = value._bsontype;
  if (type !== 'ObjectId' && type !== 'ObjectID') throw EXOTIC;
  bytes[typeAt] = OBJECT_ID;
  if (typeof value.serializeInto === 'function' && value[VERSION] !== undefined) return at + value.serializeInto(bytes, at);
  const { id } = value;
  if (!isBsonInstance(value) || !types.isUint8Array(id) || id.length !== 12) throw EXOTIC;
  bytes.set(id, at);
  return at + 12;
}

function writeDate(bytes, typeAt, at, value) {
  let time = value.getTime();
  if (Number.isNaN(time)) time = 0;
  if (!Number.isSafeInteger(time)) throw EXOTIC;
  view.setInt32(at, time | 0, true);
  view.setInt32(at + 4, Math.floor(time / 0x100000000), true);
  bytes[typeAt] = DATE;
  return at + 8;
}

function writeBinary(bytes, typeAt, at, value) {
  const { length } = value;
  if (at + 5 + length > bytes.length) throw NO_ROOM;
  bytes[typeAt] = BINARY;
  view.setInt32(at, length, true);
  bytes[at + 4] = 0;
  bytes.set(value, at + 5);
  return at + 5 + length;
}

function writeString(bytes, at, value) {
  const { length } = value;
  if (length <= SHORT_STRING) {
    if (at + length + 5 > bytes.length) throw NO_ROOM;
    const first = at + 4;
    let i = 0;
    for (; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) break;
      bytes[first + i] = code;
    }
    if (i === length) {
      bytes[first + length] = 0;
      view.setInt32(at, length + 1, true);
      return first + length + 1;
    }
  }
  if (at + 5 + length * 3 > bytes.length && at + 5 + Buffer.byteLength(value) > bytes.length) throw NO_ROOM;
  const written = bytes.utf8Write(value, at + 4);
  bytes[at + 4 + written] = 0;
  view.setInt32(at, written + 1, true);
  return at + written + 5;
}

function writeBigInt(at, value) {
  refuseTooLarge(value);
  view.setBigInt64(at, value, true);
  return at + 8;
}

module.exports = { EXOTIC, NO_ROOM, write };
