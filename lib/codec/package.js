'use strict';

/** What the codec leaves to the `bson` package, which is loaded when it is first needed. */

const { adopt } = require('./adopt');
const { refuseTooLargeInside } = require('./bigints');
const { bson } = require('./bson');
const { inOlderClasses } = require('./older');

/** The size of the `bson` package's buffer, which is asked for: what is larger is cut off there. */
const MAX_BYTES = 17 * 1024 * 1024;
const AS_DRIVER = { ignoreUndefined: false, serializeFunctions: false, checkKeys: false, minInternalBufferSize: MAX_BYTES };
/** How the `bson` package fails beyond that. */
const BEYOND_BUFFER = ['ERR_OUT_OF_RANGE', 'ERR_BUFFER_OUT_OF_BOUNDS'];

/**
 * Encodes any document.
 *
 * @param {object} document
 * @param {{ignoreUndefined?: boolean, serializeFunctions?: boolean}} [options] the package's
 * @returns {Uint8Array}
 * @throws {Error} `BSONError` for what BSON cannot hold, a RangeError for too much or too deep
 */
function serialize(document, options) {
  let bytes;
  try {
    refuseTooLargeInside(document);
    bytes = serializeAdopted(document, { ...AS_DRIVER, ...options });
  } catch (error) {
    if (isStackOverflow(error)) {
      throw new RangeError('nested too deeply or endlessly: MongoDB stores at most 180 levels', { cause: error });
    }
    throw isBeyondBuffer(error) ? tooLarge() : error;
  }
  if (bytes.length > MAX_BYTES) throw tooLarge();
  return bytes;
}

function serializeAdopted(document, options) {
  const { serialize: serializeOwn } = bson().package;
  try {
    return serializeOwn(document, options);
  } catch (error) {
    if (isStackOverflow(error) || isBeyondBuffer(error)) throw error;
    const adopted = adopt(document);
    if (adopted === document) throw error;
    return serializeOwn(adopted, options);
  }
}

function isStackOverflow(error) {
  return error instanceof RangeError && error.message.startsWith('Maximum call stack');
}

function isBeyondBuffer(error) {
  return error instanceof RangeError && (BEYOND_BUFFER.includes(error.code) || error.message === 'offset is out of bounds');
}

function tooLarge() {
  return new RangeError('larger than the 16 MB that MongoDB stores in one document');
}

/**
 * Decodes any document, promoting as the Node driver does by default.
 *
 * @param {Buffer} buffer not referred to by the result
 * @param {number} start
 * @param {number} end
 * @param {boolean|Object<string, boolean>} utf8 the keys to validate, as the package's option of that name
 * @param {object} [options] the package's others: `promoteLongs`, …
 * @returns {object}
 * @throws {Error} `BSONError` when the bytes are not one well-formed document
 */
function deserialize(buffer, start, end, utf8 = true, options = {}) {
  const { package: { BSONError, deserialize: deserializeOwn }, older } = bson();
  if (!(start >= 0 && end >= start && end <= buffer.length)) {
    throw new BSONError(`no document from ${start} to ${end} in a buffer of ${buffer.length} bytes`);
  }
  // Binaries in the result are views of the bytes they were decoded from.
  const own = Buffer.allocUnsafeSlow(end - start);
  buffer.copy(own, 0, start, end);
  try {
    const document = deserializeOwn(own, { ...options, validation: { utf8 } });
    return older === null ? document : inOlderClasses(document, older);
  } catch (error) {
    if (isStackOverflow(error)) throw new BSONError('nested too deeply', { cause: error });
    throw error;
  }
}

module.exports = { MAX_BYTES, deserialize, serialize, tooLarge };
