'use strict';

/**
 * The keys that sessions are made of, as the bytes that are written for them.
 *
 * **Problem.** Every save writes the same keys anew, and to write a key character by character costs more than most values
 * do. Sessions have few distinct keys, in few distinct orders.
 *
 * **Rule.** A key that was written is kept with its bytes, four to a number. Each kept key remembers the place of the key
 * that came after it the last time (`next`), and of the first one in the document that was its value (`inside.next`).
 * `keyAfter` compares the key at hand with that one before it looks it up.
 *
 * **Why this is safe.** A prediction is never believed: the texts are compared. A wrong one, or one whose place has got
 * another key since, costs a look-up and is corrected by it. There is a key at every place that is remembered: place 0 has
 * `NOT_KEPT`, and a place is filled anew and never emptied. `MAX_KEYS` and `MAX_LENGTH` bound what hostile sessions can
 * make it keep.
 */

/** Longer keys are not kept. With its NUL a key fills at most four numbers. */
const MAX_LENGTH = 15;
/** The oldest are replaced when there are more: an application may use ids as keys. */
const MAX_KEYS = 1024;
/** The number of bytes that a kept key's four numbers cover. */
const KEY_BYTES = 16;

class Key {
  constructor(text, size, words, inside) {
    this.text = text;
    /** With the NUL; 0 for a key that is not kept. */
    this.size = size;
    [this.first, this.second, this.third, this.fourth] = words;
    /** The place in `keys` of the key that came after this one the last time. */
    this.next = 0;
    /** Stands before the first key of a document that is this key's value. */
    this.inside = inside;
  }
}

const NOTHING = [0, 0, 0, 0];
const before = () => new Key('', 0, NOTHING, null);
const NOT_KEPT = new Key('', 0, NOTHING, before());

const keys = [NOT_KEPT];
const places = new Map();
let lastPlace = 0;

/**
 * The kept form of a key.
 *
 * @param {Key} previous what this function returned for the key before it, or some key's `inside`
 * @param {string} text
 * @returns {Key} with size 0 when it is not kept
 */
function keyAfter(previous, text) {
  const expected = keys[previous.next];
  if (expected.text === text) return expected;
  const place = text.length > MAX_LENGTH ? 0 : placeOf(text);
  previous.next = place;
  return keys[place];
}

function placeOf(text) {
  const place = places.get(text);
  return place === undefined ? keep(text) : place;
}

function keep(text) {
  const words = [0, 0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code > 0x7f) return 0;
    words[i >> 2] |= code << 8 * (i & 3);
  }
  lastPlace = lastPlace === MAX_KEYS ? 1 : lastPlace + 1;
  if (lastPlace < keys.length) places.delete(keys[lastPlace].text);
  keys[lastPlace] = new Key(text, text.length + 1, words, before());
  places.set(text, lastPlace);
  return lastPlace;
}

module.exports = { KEY_BYTES, NOT_KEPT, keyAfter };
