'use strict';

const tls = require('node:tls');
const { Relay } = require('../../tools/relay');

/** Ends TLS in front of a server that has none, with certificates that mongod itself would not start with. */
class TlsRelay extends Relay {
  constructor(target, options, onwards) {
    super(target);
    this.options = options;
    this.onwards = onwards;
    /** The names that clients asked for, false where one asked for none. */
    this.names = [];
  }

  listener(join) {
    // Clients that do not trust the certificate go away in the middle of the handshake.
    return tls.createServer(this.options, join).on('tlsClientError', () => {});
  }

  connect() {
    return this.onwards ? tls.connect({ port: this.target.port, host: 'localhost', ...this.onwards }) : super.connect();
  }

  join(client) {
    this.names.push(client.servername);
    super.join(client);
  }
}

/**
 * @param {number} target the port of a server on 127.0.0.1
 * @param {{cert: string, key: string}} options of `tls.createServer`
 * @param {object} [onwards] of `tls.connect`, where that server speaks TLS as well
 * @returns {Promise<TlsRelay>}
 */
function openTlsRelay(target, options, onwards) {
  return new TlsRelay(target, options, onwards).open();
}

module.exports = { openTlsRelay };
