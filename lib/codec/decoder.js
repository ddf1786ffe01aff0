'use strict';

/**
 * BSON to plain data, read straight from a buffer.
 *
 * Only well-formed documents of common types are accepted; whatever else, wrong or merely rare, is
 * given up with `MALFORMED`, and the `bson` package decides what it is. Every read is checked
 * against the end of the innermost document.
 */

const { objectIdReader } = require('./bson');
const { FIRST, SPECIAL, isAt, keys, placeOf } = require('./decoder-keys');
const { viewOf } = require('./views');

/** Thrown for what is not understood here. */
const MALFORMED = Symbol('malformed');

const DOUBLE = 1;
const STRING = 2;
const DOCUMENT = 3;
const ARRAY = 4;
const OBJECT_ID = 7;
const BOOLEAN = 8;
const DATE = 9;
const NULL = 10;
const INT32 = 16;
const INT64 = 18;

/** Deeper documents go to the `bson` package. */
const MAX_DEPTH = 200;
/** The smallest document: its size and the last NUL. */
const EMPTY_BYTES = 5;
/** Longer strings are faster read natively, one by one. */
const SHORT_STRING = 100;
/** A string cut out of a larger one keeps all of that alive, so it must not be very large. */
const WINDOW_BYTES = 2048;

/** Known once an ObjectId was read. */
let makeObjectId = null;

let view = null;
/** Where the element or value that was read last ended. */
let position = 0;
/** Latin-1 text of the bytes from `windowStart` to `windowEnd`. */
let text = '';
let windowStart = 0;
let windowEnd = 0;
let documentEnd = 0;

/**
 * @param {Buffer} buffer
 * @param {number} start
 * @param {number} end
 * @returns {object}
 * @throws {symbol} `MALFORMED`
 */
function read(buffer, start, end) {
  if (!(start >= 0 && end <= buffer.length)) throw MALFORMED;
  view = viewOf(buffer);
  windowStart = windowEnd = 0;
  documentEnd = end;
  try {
    if (endOf(start, end) !== end) throw MALFORMED;
    return readDocument(buffer, start, end, FIRST, 0);
  } finally {
    view = null;
    text = '';
  }
}

/** The end of the document at `start`, which is not behind `limit`. */
function endOf(start, limit) {
  if (limit - start < EMPTY_BYTES) throw MALFORMED;
  const size = view.getInt32(start, true);
  if (size < EMPTY_BYTES || size > limit - start) throw MALFORMED;
  return start + size;
}

function readDocument(bytes, start, end, parent, depth) {
  const last = end - 1;
  if (depth === MAX_DEPTH || bytes[last] !== 0) throw MALFORMED;
  const object = {};
  let at = start + 4;
  let key = keys[parent.inside];
  for (let previous = null; ; previous = key, key = keys[key.next]) {
    const type = bytes[at++];
    if (type === 0) break;
    let name;
    if (isAt(key, bytes, at)) {
      name = key.text;
      at += key.size;
    } else {
      const place = placeOf(bytes, at, last);
      if (place >= 0) {
        if (previous === null) parent.inside = place;
        else previous.next = place;
        key = keys[place];
        name = key.text;
        at += key.size;
      } else {
        name = readKey(bytes, at, last);
        at = position;
      }
    }
    if (at > last) throw MALFORMED;
    object[name] = readValue(bytes, type, at, last, key, depth);
    at = position;
  }
  if (at !== end) throw MALFORMED;
  return object;
}

/** A key that is not kept. */
function readKey(bytes, at, last) {
  const end = bytes.indexOf(0, at);
  if (end < 0 || end >= last) throw MALFORMED;
  const name = bytes.utf8Slice(at, end);
  if (SPECIAL.includes(name)) throw MALFORMED;
  position = end + 1;
  return name;
}

function readArray(bytes, start, end, parent, depth) {
  const last = end - 1;
  if (depth === MAX_DEPTH || bytes[last] !== 0) throw MALFORMED;
  const array = [];
  let at = start + 4;
  for (;;) {
    const type = bytes[at++];
    if (type === 0) break;
    // Elements are in order, whatever their keys say.
    while (at < last && bytes[at] !== 0) at++;
    if (++at > last) throw MALFORMED;
    array.push(readValue(bytes, type, at, last, parent, depth));
    at = position;
  }
  if (at !== end) throw MALFORMED;
  return array;
}

function readValue(bytes, type, at, last, key, depth) {
  switch (type) {
    case STRING:
      return readString(bytes, at, last);
    case INT32:
      expect(at, 4, last);
      return view.getInt32(at, true);
    case DOUBLE:
      expect(at, 8, last);
      return view.getFloat64(at, true);
    case BOOLEAN:
      expect(at, 1, last);
      if (bytes[at] > 1) throw MALFORMED;
      return bytes[at] === 1;
    case NULL:
      position = at;
      return null;
    case DATE:
      expect(at, 8, last);
      return new Date(readInt64(at));
    case DOCUMENT: {
      const end = endOf(at, last);
      const value = readDocument(bytes, at, end, key, depth + 1);
      position = end;
      return value;
    }
    case ARRAY: {
      const end = endOf(at, last);
      const value = readArray(bytes, at, end, key, depth + 1);
      position = end;
      return value;
    }
    case INT64:
      expect(at, 8, last);
      return readSafeInteger(at);
    case OBJECT_ID:
      expect(at, 12, last);
      return readObjectId(bytes, at);
    default:
      throw MALFORMED;
  }
}

/** Sets `position` behind a value of `size` bytes. */
function expect(at, size, last) {
  position = at + size;
  if (position > last) throw MALFORMED;
}

/** Rounded to the nearest number. */
function readInt64(at) {
  return view.getInt32(at + 4, true) * 0x100000000 + view.getUint32(at, true);
}

function readSafeInteger(at) {
  const value = readInt64(at);
  if (!Number.isSafeInteger(value)) throw MALFORMED;
  return value;
}

function readObjectId(bytes, at) {
  makeObjectId ??= objectIdReader();
  return makeObjectId(bytes, at);
}

function readString(bytes, at, last) {
  if (last - at < 5) throw MALFORMED;
  const size = view.getInt32(at, true);
  const start = at + 4;
  if (size <= 0 || size > last - start) throw MALFORMED;
  const end = start + size - 1;
  if (bytes[end] !== 0) throw MALFORMED;
  position = end + 1;
  if (size <= SHORT_STRING && isAscii(bytes, start, end)) return readShortAscii(bytes, start, end);
  const value = bytes.utf8Slice(start, end);
  // Stored like that, or put there in place of bytes that are not UTF-8.
  if (value.includes('\ufffd')) throw MALFORMED;
  return value;
}

function readShortAscii(bytes, start, end) {
  if (start < windowStart || end > windowEnd) {
    windowStart = start;
    windowEnd = Math.min(documentEnd, start + WINDOW_BYTES);
    text = bytes.latin1Slice(windowStart, windowEnd);
  }
  return text.substring(start - windowStart, end - windowStart);
}

function isAscii(bytes, start, end) {
  let at = start;
  for (; at + 4 <= end; at += 4) if ((view.getInt32(at, true) & 0x80808080) !== 0) return false;
  for (; at < end; at++) if (bytes[at] > 0x7f) return false;
  return true;
}

module.exports = { MALFORMED, read };
