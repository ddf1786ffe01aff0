'use strict';

const { difference, writeNoPatch } = require('../../../native/difference');

/** Patches that are more than this part of their session cost more to read again than the session costs to copy. */
const MOST_PATCHES = 16;

/**
 * One save of a session, and what will be known of the session when it has succeeded.
 *
 * What differs from what is stored is found out where the session becomes BSON: in the submission, behind it
 * (`compare`). Of a large session only the bytes that differ are kept for the next save then, besides what is known
 * already.
 */
class Saving {
  #known;

  /** @param {Loaded} known of the session */
  constructor(known) {
    this.#known = known;
    /** Counts the saves of a session, from when this one has begun. */
    this.number = 0;
    /** The keys that are written, as `difference` gives them; null for all. @type {null|Buffer} */
    this.patch = null;
    /** A document with the whole session in it, where that is to be known. @type {null|Buffer} */
    this.document = null;
  }

  /**
   * Writes what differs from what is stored behind the session.
   *
   * @param {Buffer} buffer
   * @param {number} start of a document with the session in it
   * @param {number} end of that
   * @returns {number} where the patch ends, or what says that there is none; -1 when there is no room for it, to be
   *   called again
   */
  compare(buffer, start, end) {
    const { document, later, doubts, isComparable } = this.#known;
    const bytes = isComparable ? difference(document, later, doubts, buffer, start, end) : 0;
    const patchEnd = end + Math.abs(bytes);
    if (patchEnd > buffer.length) return -1;
    this.patch = bytes === 0 ? null : copyOf(buffer, end, patchEnd);
    const patches = (later?.length ?? 0) + patchEnd - end;
    if (bytes === 0 || patches * MOST_PATCHES > end - start) this.keep(buffer, start, end);
    else this.document = null;
    return bytes > 0 ? patchEnd : writeNoPatch(buffer, end);
  }

  /**
   * The same of a session that is not compared where it is stored.
   *
   * @param {null|Buffer} bytes a document with the session in it; null for what is no such thing
   * @returns {boolean} whether it is one
   */
  compareApart(bytes) {
    if (bytes === null) return false;
    for (let room = bytes; this.compare(room, 0, bytes.length) < 0;) room = Buffer.concat([bytes], room.length * 2);
    return true;
  }

  /** Whether it is known what is written. */
  get isCompared() {
    return this.patch !== null || this.document !== null;
  }

  /** Keeps the session, which is a document in a buffer, as what is stored when this save has succeeded. */
  keep(buffer, start, end) {
    this.document = copyOf(buffer, start, end);
  }
}

function copyOf(buffer, start, end) {
  const copy = Buffer.allocUnsafe(end - start);
  buffer.copy(copy, 0, start, end);
  return copy;
}

module.exports = { Saving, copyOf };
