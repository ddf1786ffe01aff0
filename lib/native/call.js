'use strict';

const { submit } = require('./realm');

/**
 * Sends an operation and promises what `read` makes of its result's bytes.
 *
 * @param {number} operation
 * @param {number} target
 * @param {string} name
 * @param {null|function(Buffer, number): number} write
 * @param {function(Buffer, number, number): *} read must copy what it keeps
 * @param {number} [time] ms since 1970, for operations that judge what has expired
 * @returns {Promise<*>}
 */
function call(operation, target, name, write, read, time = NaN) {
  return new Promise((resolve, reject) => {
    submit(operation, target, name, time, write, (error, buffer, start, end) => {
      if (error) return reject(error);
      try {
        resolve(read(buffer, start, end));
      } catch (malformed) {
        reject(malformed);
      }
    });
  });
}

/** Writes BSON documents one after another. */
function documents(codec, ...list) {
  return (buffer, offset) => {
    for (const document of list) {
      offset = codec.encodeInto(buffer, offset, document);
      if (offset < 0) return -1;
    }
    return offset;
  };
}

const nothing = () => undefined;

module.exports = { call, documents, nothing };
