'use strict';

/**
 * JavaScript values to BSON and back, byte for byte as the Node driver does it with its default
 * options, and faster for what sessions are made of. Everything else is left to the `bson` package.
 *
 * # Layout
 * - `encoder`, `encoder-keys`: plain data into a buffer
 * - `decoder`, `decoder-keys`: plain data out of a buffer
 * - `bson`: which `bson` package that is: the one of the application's driver; `requirer`: where the application is
 * - `package`: that package, for documents that hold more than plain data
 * - `adopt`, `older`: BSON values of other versions of the `bson` package, to it and from it
 * - `emptied`: warns about what a session loses on the way
 * - `bigints`: refuses numbers that MongoDB cannot hold
 * - `views`: DataViews over buffers
 */

const { MALFORMED, read } = require('./decoder');
const { warnAboutEmptied } = require('./emptied');
const { EXOTIC, NO_ROOM, write } = require('./encoder');
const { lazy } = require('../lazy');

const bsonPackage = lazy(() => require('./package'));

const SCRATCH_BYTES = 16 * 1024;
const KEEP_BYTES = 1024 * 1024;

let scratch = null;

/**
 * Writes a document into a buffer.
 *
 * @param {Buffer} buffer what is behind `offset` may be overwritten to its end
 * @param {number} offset
 * @param {object} document
 * @returns {number} where the document ends; -1 when there may not be room for it (up to 64 bytes
 *   more than it takes are asked for), to be tried again with a larger buffer
 * @throws {Error} as the `bson` package throws for what BSON cannot hold, among them `BSONError`
 *   `Cannot convert circular structure to BSON`; a RangeError for a BigInt of more than 64 bits, for
 *   nesting that no stack holds, and instead of asking for room far beyond the 16 MB that MongoDB
 *   stores in a document
 */
function encodeInto(buffer, offset, document) {
  try {
    return write(buffer, offset, document);
  } catch (reason) {
    if (reason === EXOTIC) {
      const bytes = bsonPackage().serialize(document);
      warnAboutEmptied(document);
      return put(buffer, offset, bytes);
    }
    if (reason !== NO_ROOM) throw reason;
    const { MAX_BYTES, tooLarge } = bsonPackage();
    if (buffer.length - offset > MAX_BYTES) throw tooLarge();
    return -1;
  }
}

function put(buffer, offset, bytes) {
  if (offset + bytes.length > buffer.length) return -1;
  buffer.set(bytes, offset);
  return offset + bytes.length;
}

/**
 * Lends a document's bytes.
 *
 * @template T
 * @param {object} document
 * @param {function(Buffer): T} use gets the bytes, which are valid only while it runs; must not run user code
 * @returns {T} what `use` returned
 * @throws {Error} as `encodeInto`
 */
function lend(document, use) {
  let buffer = scratch ?? Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  // A getter in the document may have another one encoded meanwhile.
  scratch = null;
  let end = encodeInto(buffer, 0, document);
  while (end < 0) {
    buffer = Buffer.allocUnsafeSlow(buffer.length * 2);
    end = encodeInto(buffer, 0, document);
  }
  const result = use(buffer.subarray(0, end));
  if (buffer.length <= KEEP_BYTES) scratch = buffer;
  return result;
}

/**
 * @param {object} document
 * @returns {Buffer} the document's bytes, nobody else's
 * @throws {Error} as `encodeInto`
 */
function encode(document) {
  return lend(document, copied);
}

function copied(bytes) {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/**
 * Reads a document.
 *
 * @param {Buffer} buffer the result does not refer to it
 * @param {number} start
 * @param {number} end
 * @returns {object} a null prototype is never given, and `__proto__` is a key like others
 * @throws {Error} `BSONError` when the bytes are not one well-formed document
 */
function decode(buffer, start, end) {
  try {
    return read(buffer, start, end);
  } catch (reason) {
    if (reason !== MALFORMED) throw reason;
    return bsonPackage().deserialize(buffer, start, end);
  }
}

/**
 * Reads a command's reply. Servers cut the messages in `writeErrors` off in the middle of a
 * character, so those need not be UTF-8.
 *
 * @param {Buffer} buffer
 * @param {number} start
 * @param {number} end
 * @returns {object}
 * @throws {Error} as `decode`
 */
function decodeReply(buffer, start, end) {
  try {
    return read(buffer, start, end);
  } catch (reason) {
    if (reason !== MALFORMED) throw reason;
    return bsonPackage().deserialize(buffer, start, end, { writeErrors: false });
  }
}

/**
 * The codec of a store whose `connectionOptions` say how values become BSON and back: everything goes to the `bson`
 * package, with these options.
 *
 * @param {undefined|object} options of `lib/connection/bson-options.js`
 * @returns {{decode: Function, encodeInto: Function, lend: Function}} like the functions of this module
 */
function codecWith(options) {
  if (options === undefined) return module.exports;
  const { ignoreUndefined, serializeFunctions, fieldsAsRaw, ...reading } = options;
  const writing = { ...(ignoreUndefined && { ignoreUndefined }), ...(serializeFunctions && { serializeFunctions }) };
  if (fieldsAsRaw !== undefined) reading.fieldsAsRaw = fieldsAsRaw;
  const bytesOf = (document) => {
    const bytes = bsonPackage().serialize(document, writing);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  };
  return {
    encodeInto: (buffer, offset, document) => put(buffer, offset, bytesOf(document)),
    lend: (document, use) => use(bytesOf(document)),
    decode: (buffer, start, end) => bsonPackage().deserialize(buffer, start, end, true, reading)
  };
}

module.exports = { codecWith, decode, decodeReply, encode, encodeInto, lend };
