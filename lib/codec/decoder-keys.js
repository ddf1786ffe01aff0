'use strict';

/**
 * The keys that stored sessions are made of, as strings that were made before.
 *
 * **Problem.** To make a string of each key costs more than to read most values. Sessions have few distinct keys, in few
 * distinct orders.
 *
 * **Rule.** A key that was read is kept, with its bytes and its string, at a place that its bytes decide (a hash). Each kept
 * key remembers the place of the key that came after it the last time (`next`), and of the first one in the document that
 * was its value (`inside`). The decoder compares the bytes at hand with those of that key: where they are equal, it has
 * the string and the length without looking for the key's end.
 *
 * **Why this is safe.** A prediction is never believed: all bytes are compared, the NUL at the key's end included. A wrong
 * one costs a hash and is corrected by it. There is a key at every place from the start, and one that has the place of
 * another takes it; so the table never grows, whatever hostile documents hold.
 */

/** Longer keys are not kept. */
const MAX_BYTES = 40;
/** A power of two. */
const PLACES = 2048;
/** The one is no property like others; with the other, a document may be a DBRef. */
const SPECIAL = ['__proto__', '$ref'];

class Key {
  constructor(text, bytes) {
    this.text = text;
    /** With the NUL. */
    this.bytes = bytes;
    this.size = bytes.length;
    /** The place of the key that came after this one the last time. */
    this.next = 0;
    /** The place of the first key of the document that was this key's value the last time. */
    this.inside = 0;
  }
}

/** Some key in every place, so that none need be tested for being there. */
const FIRST = new Key('_id', Uint8Array.from(Buffer.from('_id\0')));
const keys = new Array(PLACES).fill(FIRST);

/**
 * Where the key at `at` is kept, once it is.
 *
 * @param {Buffer} bytes
 * @param {number} at
 * @param {number} last not part of the key nor after it
 * @returns {number} -1 for a key that is not kept: long, not ASCII, not ended or one of `SPECIAL`
 */
function placeOf(bytes, at, last) {
  let hash = 0;
  const stop = at + MAX_BYTES < last ? at + MAX_BYTES : last;
  for (let i = at; i < stop; i++) {
    const byte = bytes[i];
    if (byte === 0) return keep(bytes, at, i + 1, (hash ^ hash >>> 11) & PLACES - 1);
    if (byte > 0x7f) return -1;
    hash = Math.imul(hash, 31) + byte | 0;
  }
  return -1;
}

function keep(bytes, start, end, place) {
  if (!isAt(keys[place], bytes, start)) {
    // A string that has been a property's name is found faster as one.
    const [text] = Object.keys({ [bytes.latin1Slice(start, end - 1)]: null });
    if (SPECIAL.includes(text)) return -1;
    keys[place] = new Key(text, Uint8Array.prototype.slice.call(bytes, start, end));
  }
  return place;
}

/** Whether the key is the one at `at`. */
function isAt(key, bytes, at) {
  const { bytes: own, size } = key;
  for (let i = 0; i < size; i++) if (own[i] !== bytes[at + i]) return false;
  return true;
}

module.exports = { FIRST, SPECIAL, isAt, keys, placeOf };
