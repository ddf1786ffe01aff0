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
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      this.sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
    const pass = (data) => client.writable && client.write(data);
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => WAYS[this.way](data, pass, client, this));
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
