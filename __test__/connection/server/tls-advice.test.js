'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const net = require('node:net');
const { difference } = require('../../parity/differences');
const { RSA, useCertificates } = require('../../support/certificates');
const { useConnections, useServer } = require('../../support/connections');
const { runWithNameServer, useNameServer } = require('../../support/dns');
const { openTlsRelay } = require('../../support/tls-relay');

/** How long a refusal takes; long enough for a busy machine to find out why. */
const SHORT = { serverSelectionTimeoutMS: 1500 };
const OLD = { ciphers: 'DEFAULT@SECLEVEL=0' };

/** What a server does with the first bytes of a handshake that it does not like. */
const REFUSALS = {
  'an alert, internal_error': (socket) => socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 80]))),
  'the end of the connection': (socket) => socket.once('data', () => socket.end()),
  'a reset': (socket) => socket.once('data', () => socket.resetAndDestroy()),
  'a reset at once': (socket) => socket.destroy()
};

describe('what to do about servers that do not come to an answer', () => {
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.issue('server', { authority: 'ca', names: ['DNS:localhost'] });
    make.issue('rsa', { authority: 'ca', names: ['DNS:localhost'], newKey: RSA });
    make.issue('small', { authority: 'ca', names: ['DNS:localhost'], newKey: ['-newkey', 'rsa:1024'] });
    make.issue('sha1', { authority: 'ca', names: ['DNS:localhost'], digest: '-sha1' });
  });
  const pem = (name) => certificates.read(name);
  const plain = useServer();
  const encrypted = useServer(() => ({
    args: ['--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', certificates.file('server.pem'), '--tlsCAFile', certificates.file('ca.crt')]
  }));
  const connections = useConnections();
  const at = ({ port }) => `mongodb://localhost:${port}/`;
  const trusting = () => ({ ...SHORT, tls: true, ca: pem('ca.crt') });
  const opened = [];
  afterEach(() => opened.splice(0).forEach((server) => server.close()));
  const listening = async (handle) => {
    const server = net.createServer((socket) => handle(socket.on('error', () => {}))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push(server);
    return server.address();
  };
  const front = async (name, options) => {
    const relay = await openTlsRelay(plain.port, { cert: pem(`${name}.crt`), key: pem(`${name}.key`), ...options });
    opened.push(relay);
    return relay;
  };
  const refusal = async (...args) => {
    const error = await connections.refused(...args);
    assert.equal(error.name, 'MongoServerSelectionError');
    return error.message;
  };

  describe('TLS on one side only', () => {
    it('a server without TLS is asked for it', async () => {
      assert.match(await refusal(at(plain), trusting()), /: if the server does not speak TLS, leave out tls=true/);
      assert.match(await refusal(at(plain), { ...trusting(), ca: undefined }), /: if the server does not speak TLS, leave out tls=true/);
    });

    it('a server that is none of MongoDB answers in another language', async () => {
      const http = await listening((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
      assert.match(await refusal(at(http), trusting()), /the server does not speak TLS: leave out tls=true/);
    });

    it('a server with TLS only is not asked for it', async () => {
      assert.match(await refusal(at(encrypted), SHORT), /if it speaks TLS only, add tls=true/);
    });

    it('a server that asks for a client certificate gets none', async () => {
      assert.match(await refusal(at(encrypted), trusting()), /asks for a client certificate.* tlsCertificateKeyFile, or cert and key/);
    });
  });

  it('no advice is given once a server has answered', async () => {
    const cut = await front('server');
    const store = await connections.works(at(cut), { ...trusting(), serverSelectionTimeoutMS: 5000 });
    cut.close();
    opened.length = 0;
    await assert.rejects(store.get('any'), ({ cause }) => /ECONNREFUSED|closed/.test(cause.message) && !/TLS/.test(cause.message));
  });

  describe('old TLS', () => {
    const keyExchange = () => front('rsa', { ciphers: 'AES128-GCM-SHA256', maxVersion: 'TLSv1.2' });
    const inCommon = /no version or cipher of TLS in common.* let it offer TLS 1\.2 or 1\.3 with ECDHE and AES-GCM or ChaCha20/;

    difference('old-tls', {
      original: async () => connections.works(at(await keyExchange()), { ...trusting(), serverSelectionTimeoutMS: 5000 }),
      ours: async () => assert.match(await refusal(at(await keyExchange()), trusting()), inCommon)
    });

    for (const [title, options] of Object.entries({
      'CBC': { ciphers: 'ECDHE-RSA-AES128-SHA256', maxVersion: 'TLSv1.2' },
      'DHE': { ciphers: 'DHE-RSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2', dhparam: 'auto' },
      'TLS 1.1': { ...OLD, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }
    })) {
      it(`with ${title} only`, async () => assert.match(await refusal(at(await front('rsa', options)), trusting()), inCommon));
    }

    it('with a key of 1024 bits', async () => {
      const server = at(await front('small', OLD));
      const reason = /RSA key of fewer than 2048 bits, which is not supported: give the server a certificate of at least 2048 bits/;
      assert.match(await refusal(server, trusting()), reason);
      assert.match(await refusal(server, { ...SHORT, tls: true, tlsInsecure: true }), reason);
    });

    it('with a certificate that is signed with SHA-1', async () => {
      const message = await refusal(at(await front('sha1', OLD)), trusting());
      assert.match(message, /UnsupportedSignatureAlgorithm; signatures with SHA-1 .* signed with SHA-256/);
      assert.ok(message.length < 400, message);
    });
  });

  describe('MongoDB Atlas', () => {
    const names = useNameServer();
    const shards = ['a', 'b'].map((name) => `ac-1-shard-00-0${name}.x1y2z.mongodb.net`);

    for (const [title, refuse] of Object.entries(REFUSALS)) {
      it(`is asked about its list of addresses: ${title}`, async () => {
        names.table = Object.fromEntries(shards.map((name) => [name, { A: ['127.0.0.1'] }]));
        const { port } = await listening(refuse);
        const uri = `mongodb://${shards.map((name) => `${name}:${port}`).join()}/?tls=true&replicaSet=atlas-1-shard-0&serverSelectionTimeoutMS=${SHORT.serverSelectionTimeoutMS}`;
        const message = await runWithNameServer(names.address, `
          const Store = require('.')(require('express-session'));
          const store = new Store({ uri: ${JSON.stringify(uri)} }, (error) => {
            console.log(error.message);
            store.client.close();
          });
          store.on('error', () => {});`);
        assert.match(message, /IP access list: is this machine's address in it\?$/m);
        assert.equal(message.match(/IP access list/g).length, 1, message);
      });
    }
  });
});
