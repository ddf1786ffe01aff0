'use strict';

/**
 * A seeded generator (xorshift32), so that every contestant gets the same operations on the same
 * sessions in the same order.
 *
 * @param {number} seed
 * @returns {function(): number} the next number, from 0 (inclusive) to 1 (exclusive)
 */
function random(seed) {
  let state = (seed * 2654435761 + 1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
}

module.exports = { random };
