'use strict';

/**
 * A relay that does to connections what bad networks do: holds bytes back for different times on
 * different connections (so that answers overtake each other), and cuts some in the middle of a
 * message. The order of bytes within a connection is kept, as TCP keeps it.
 */

const { Relay } = require('../../tools/relay');

class FaultyNetwork extends Relay {
  /**
   * @param {{host: string, port: number}} target
   * @param {function(): number} random from 0 to 1
   */
  constructor(target, random) {
    super(target);
    this.random = random;
    this.cuts = 0;
    /** Whether connections are delayed and cut; without, they are only passed on. */
    this.faulty = false;
  }

  pass(client, upstream) {
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      let before = Promise.resolve();
      from.on('data', (bytes) => {
        const { piece, delayMs, last } = this.fate(bytes);
        before = before.then(() => later(delayMs)).then(() => {
          if (to.destroyed) return;
          if (last) to.end(piece, cut);
          else to.write(piece);
        });
      });
    }
  }

  /** What becomes of some bytes: all of them after a while, or a part of them and then nothing more. */
  fate(bytes) {
    if (!this.faulty) return { piece: bytes, delayMs: 0, last: false };
    const delayMs = this.random() < 0.5 ? 0 : Math.floor(this.random() * 8);
    if (this.random() >= 0.02) return { piece: bytes, delayMs, last: false };
    this.cuts++;
    return { piece: bytes.subarray(0, Math.floor(this.random() * bytes.length)), delayMs, last: true };
  }
}

function later(ms) {
  return ms === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, ms));
}

module.exports = { FaultyNetwork };
