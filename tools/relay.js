'use strict';

const net = require('net');
const { once } = require('events');
const { listenSomewhere } = require('./mongod/ports');

/**
 * A server in front of another one, which opens a connection there for each of its own and passes everything on. Tests and
 * tools derive what they need from it: to see what passes, to change it, to lose it.
 */
class Relay {
  /**
   * @param {number|object} target a port of 127.0.0.1, or `net.connect` options of the server: `{ host, port }` or `{ path }`
   * @param {object} [address] `server.listen` options; default a free port of 127.0.0.1
   */
  constructor(target, address = { host: '127.0.0.1', port: 0 }) {
    this.target = typeof target === 'number' ? { host: '127.0.0.1', port: target } : target;
    this.address = address;
    this.sockets = new Set();
    this.server = null;
  }

  /** @returns {Promise<Relay>} resolves when the relay accepts connections; rejects with EADDRINUSE */
  async open() {
    const server = this.listener((client) => this.join(client));
    if (this.address.port === 0) {
      // Kept, so that a reopened relay is where it was.
      this.address = { ...this.address, port: await listenSomewhere(server, this.address) };
    } else {
      await once(server.listen(this.address), 'listening');
    }
    this.server = server;
    return this;
  }

  /** @returns {number} the port listened on */
  get port() {
    return this.address.port;
  }

  listener(join) {
    return net.createServer(join);
  }

  connect() {
    return net.connect(this.target);
  }

  join(client) {
    const upstream = this.connect();
    this.keep(client, () => upstream.destroy());
    this.keep(upstream, () => client.destroy());
    this.pass(client, upstream);
  }

  /**
   * @param {net.Socket} socket which ends with the relay
   * @param {function(): void} ended is called when it fails, and when it has ended
   */
  keep(socket, ended = () => {}) {
    this.sockets.add(socket);
    socket.on('error', ended).on('close', () => {
      this.sockets.delete(socket);
      ended();
    });
  }

  /** What becomes of the bytes of a connection. */
  pass(client, upstream) {
    client.pipe(upstream).pipe(client);
  }

  /** Breaks every connection. New ones are welcome. */
  drop() {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Breaks every connection and refuses new ones, until `open` is called again. */
  async close() {
    const { server } = this;
    this.server = null;
    this.drop();
    if (!server) return;
    server.close();
    await once(server, 'close');
  }
}

module.exports = { Relay };
