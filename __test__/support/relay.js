'use strict';

const net = require('node:net');
const { once } = require('node:events');
const { listenSomewhere } = require('../../tools/mongod/ports');

/**
 * A TCP (or unix socket) relay in front of a real server. Cutting it is what an application sees
 * when its server goes away: open connections break and new ones are refused.
 */
class Relay {
  /**
   * @param {object} target `net.connect` options of the server: `{ host, port }` or `{ path }`
   * @param {object} [address] `server.listen` options; default a free port of 127.0.0.1
   */
  constructor(target, address = { host: '127.0.0.1', port: 0 }) {
    this.target = target;
    this.address = address;
    this.sockets = new Set();
    this.server = null;
  }

  /** @returns {Promise<Relay>} resolves when the relay accepts connections; rejects with EADDRINUSE */
  async open() {
    const server = net.createServer(client => this.join(client));
    if (this.address.port === 0) {
      // Kept, so that a reopened relay is where it was.
      this.address = { ...this.address, port: await listenSomewhere(server, this.address) };
    } else {
      server.listen(this.address);
      await once(server, 'listening');
    }
    this.server = server;
    return this;
  }

  /** @returns {number} the port listened on */
  get port() {
    return this.address.port;
  }

  join(client) {
    const upstream = net.connect(this.target);
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }

  /** Break every connection and refuse new ones, until `open` is called again. */
  async cut() {
    const server = this.server;
    this.server = null;
    for (const socket of this.sockets) {
      socket.destroy();
    }
    if (server) {
      server.close();
      await once(server, 'close');
    }
  }
}

/**
 * @param {string} uri a MongoDB connection string
 * @returns {{host: string, port: number}} its first host
 */
function hostOf(uri) {
  const match = /^mongodb:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/,?]+)(?::(\d+))?/.exec(uri);
  if (!match) {
    throw new Error('a relay needs a mongodb:// URI with a host and a port');
  }
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2] || 27017) };
}

/**
 * @param {string} uri a MongoDB connection string
 * @param {number} port of a relay on 127.0.0.1
 * @returns {string} the same database and options by way of the relay, without host discovery
 */
function relayedUri(uri, port) {
  const [, credentials = '', rest = ''] = /^mongodb:\/\/([^@/]*@)?[^/]*(.*)$/.exec(uri);
  const [path, query = ''] = (rest || '/').split('?');
  const options = query.split('&').filter(option => option && !/^replicaSet=/i.test(option));
  options.push('directConnection=true');
  return `mongodb://${credentials}127.0.0.1:${port}${path}?${options.join('&')}`;
}

module.exports = { Relay, hostOf, relayedUri };
