'use strict';

/**
 * Ports to listen on that stay one's own also while nobody listens there.
 *
 * A system gives each connection that is made a port of its own, out of a range that begins at 16000 at the earliest. A server that
 * goes away and comes back may find such a port taken by a connection that was made meanwhile; and whoever asks for such a port where
 * nobody listens may by chance be given that very port, and be connected to itself. So these are below that range.
 */

const { randomInt } = require('crypto');
const { once } = require('events');
const net = require('net');

const FIRST = 10_000;
const END = 16_000;
const ATTEMPTS = 50;

/**
 * Has a server listen on a port that is free.
 *
 * @param {net.Server} server
 * @param {object} [address] `server.listen` options besides
 * @returns {Promise<number>} the port
 */
async function listenSomewhere(server, address = { host: '127.0.0.1' }) {
  for (let attempt = 1; ; attempt++) {
    const port = randomInt(FIRST, END);
    try {
      server.listen({ ...address, port });
      await once(server, 'listening');
      return port;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || attempt === ATTEMPTS) throw error;
    }
  }
}

/** @returns {Promise<number>} a port of 127.0.0.1 that nobody listens on */
async function freePort() {
  const server = net.createServer();
  const port = await listenSomewhere(server);
  server.close();
  await once(server, 'close');
  return port;
}

module.exports = { freePort, listenSomewhere };
