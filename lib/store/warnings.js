'use strict';

/** Warnings of a store: `process.emitWarning`, with one name and a code for each kind. */

const warned = new Set();

/**
 * Warns once in a process.
 *
 * @param {string} code such as `MONGODB_STORE_STALE_READS`
 * @param {string} message
 * @param {string} [key] what is to be said once; by default whatever has this code
 */
function warnOnce(code, message, key = code) {
  if (warned.has(key)) return;
  warned.add(key);
  process.emitWarning(message, { type: 'MongoDBStoreWarning', code });
}

module.exports = { warnOnce };
