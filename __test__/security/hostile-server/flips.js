'use strict';

/** Random damage to replies, the same for the same seed. */

/** @returns {function(number): number} integers below its argument */
function randomFrom(seed) {
  let state = seed >>> 0;
  return (below) => {
    // mulberry32
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) % below;
  };
}

/** @returns {function} a lie: each reply with one to three bits, bytes or sizes changed, now and then cut or grown */
function flips(seed) {
  const random = randomFrom(seed);
  return (reply) => {
    // Mostly the document: damage to the header ends the connection, and with it the variety.
    let message = Buffer.from(reply.message);
    for (let changes = 1 + random(3); changes > 0; changes--) {
      const at = random(20) === 0 ? random(message.length) : 21 + random(Math.max(1, message.length - 21));
      const kind = random(10);
      if (kind < 6) message[at] ^= 1 << random(8);
      else if (kind < 8) message[at] = [0, 1, 0x7f, 0x80, 0xff][random(5)];
      else if (kind === 8 && at + 4 <= message.length) message.writeInt32LE([0, -1, 0x7fffffff, -0x80000000, 16][random(5)], at);
      else {
        message = random(2) === 0 ? message.subarray(0, Math.max(17, at)) : Buffer.concat([message, Buffer.alloc(1 + random(20), 65)]);
        if (message.length >= 4) message.writeInt32LE(message.length, 0);
      }
    }
    return message;
  };
}

module.exports = { flips };
