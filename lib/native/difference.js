'use strict';

/**
 * What of a session differs from what is stored, as BSON on both sides: `src/difference.rs`, which runs while JavaScript
 * waits for it.
 *
 * What is known of a stored session is a document with the session in it, the patches that were stored `later`, and the
 * `doubtful` ones that may have been stored: buffers, one patch behind the other, or null for none.
 */

const { Realm } = require('./binding');

/** In the place of a patch, for a session that is to be stored whole. */
const NO_PATCH_BYTES = 4;

/**
 * Takes the difference to the session in the document from `start` to `end` of a buffer, and writes it there behind
 * `end`, if there is room: as a patch, which is two documents, of what to set and of what to remove.
 *
 * @param {Buffer} document
 * @param {null|Buffer} later
 * @param {null|Buffer} doubtful
 * @param {Buffer} buffer
 * @param {number} start
 * @param {number} end
 * @returns {number} how many bytes that takes; negative if MongoDB cannot change each of the keys alone; 0 if
 *   nobody can know what differs
 */
const { difference } = Realm;

/**
 * @param {Buffer} document
 * @param {null|Buffer} later
 * @param {null|Buffer} doubtful
 * @param {Buffer} session a document with the session in it
 * @param {string[]} except keys of it that do not count
 * @returns {boolean} whether the session is stored as it is; false in doubt
 */
const { isStored } = Realm;

/**
 * Says behind a session that it is to be stored whole.
 *
 * @param {Buffer} buffer
 * @param {number} end of the session
 * @returns {number} where that ends; -1 when there is no room for it
 */
function writeNoPatch(buffer, end) {
  return end + NO_PATCH_BYTES > buffer.length ? -1 : buffer.writeUInt32LE(0, end);
}

module.exports = { difference, isStored, writeNoPatch };
