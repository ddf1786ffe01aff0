'use strict';

/** Ends TLS in front of a server that has none, with certificates that mongod itself would not start with. */

const { once } = require('node:events');
const net = require('node:net');
const tls = require('node:tls');

/**
 * @param {number} target the port of a server on 127.0.0.1
 * @param {{cert: string, key: string}} options of `tls.createServer`
 * @param {object} [onwards] of `tls.connect`, where that server speaks TLS as well
 * @returns {Promise<{port: number, names: Array<string|false>, close: function(): void}>} `names` that clients asked for
 */
async function openTlsRelay(target, options, onwards) {
  const sockets = new Set();
  const names = [];
  const server = tls.createServer(options, (client) => {
    names.push(client.servername);
    const upstream = onwards ? tls.connect({ port: target, host: 'localhost', ...onwards }) : net.connect(target, '127.0.0.1');
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  // Clients that do not trust the certificate go away in the middle of the handshake.
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    names,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  };
}

module.exports = { openTlsRelay };
