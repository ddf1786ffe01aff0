'use strict';

/** A way to a server on which things go wrong. */

const crypto = require('crypto');
const net = require('net');
const { once } = require('events');

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

class Proxy {
  /** @param {{host: string, port: number}} target */
  constructor(target) {
    this.target = target;
    this.way = 'clear';
    this.delayMs = 0;
    this.sockets = new Set();
    /** The connections: `{ silent, greeted, lateMs }`. */
    this.pairs = new Set();
    this.lateOnes = null;
    this.server = net.createServer((client) => this.join(client));
  }

  async open() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get port() {
    return this.server.address().port;
  }

  join(client) {
    const upstream = net.connect(this.target);
    const pair = { silent: false, greeted: false, lateMs: this.lateOnes?.next() ?? 0 };
    this.pairs.add(pair);
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      this.sockets.add(one);
      // Of a connection that went silent the other end does not even hear that it ends.
      const end = () => pair.silent || other.destroy();
      one.on('error', end);
      one.on('close', () => {
        this.sockets.delete(one);
        this.pairs.delete(pair);
        end();
      });
    }
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

  /** Ends every connection, as a firewall does with idle ones. New ones are welcome. */
  dropAll() {
    for (const socket of this.sockets) socket.destroy();
  }

  async close() {
    this.server.close();
    this.dropAll();
    await once(this.server, 'close');
  }
}

module.exports = { Proxy };
