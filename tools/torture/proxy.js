'use strict';

/** A way to a server on which things go wrong. */

const crypto = require('crypto');
const { Relay } = require('../relay');

/** What happens to a piece of data on its way from the server; each may end the connection. */
const WAYS = {
  clear: (data, pass) => pass(data),
  late: (data, pass, _, { delayMs }) => setTimeout(pass, delayMs, data),
  'cut half-way': (data, pass, socket) => {
    pass(data.subarray(0, Math.max(1, data.length >> 1)));
    socket.end(() => socket.destroy());
  },
  garbage: (data, pass) => pass(crypto.randomBytes(data.length)),
  'a wrong length': (data, pass) => {
    const wrong = Buffer.from(data);
    wrong.writeInt32LE(0x7fffffff, 0);
    pass(wrong);
  },
  silent: () => {}
};

class Proxy extends Relay {
  /** @param {{host: string, port: number}} target */
  constructor(target) {
    super(target);
    this.way = 'clear';
    this.delayMs = 0;
    /** The connections: `{ silent, greeted, lateMs }`. */
    this.pairs = new Set();
    this.lateOnes = null;
  }

  join(client) {
    const upstream = this.connect();
    const pair = { silent: false, greeted: false, lateMs: this.lateOnes?.next() ?? 0 };
    this.pairs.add(pair);
    // Of a connection that went silent the other end does not even hear that it ends.
    const end = (other) => {
      this.pairs.delete(pair);
      if (!pair.silent) other.destroy();
    };
    this.keep(client, () => end(upstream));
    this.keep(upstream, () => end(client));
    const pass = (data) => !pair.silent && client.writable && client.write(data);
    client.on('data', (data) => !pair.silent && upstream.write(data));
    upstream.on('data', (data) => {
      // The first answer is the greeting: a connection that is slow from then on becomes one of a pool's at once.
      if (pair.lateMs > 0 && pair.greeted) WAYS.late(data, pass, client, { delayMs: pair.lateMs });
      else WAYS[this.way](data, pass, client, this);
      pair.greeted = true;
    });
  }

  /**
   * Connections that are open now say nothing any more and do not end, as those that a firewall forgot. New ones work.
   *
   * @returns {number} how many there are
   */
  silenceOpen() {
    for (const pair of this.pairs) pair.silent = true;
    return this.pairs.size;
  }

  /** From now on, the answers on one new connection of `every` are `lateMs` late: on the first one, the one `every` later … */
  delayOneIn(every, lateMs) {
    let count = 0;
    this.lateOnes = { next: () => (count++ % every === 0 ? lateMs : 0) };
  }
}

module.exports = { Proxy };
