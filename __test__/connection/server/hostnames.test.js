'use strict';

const assert = require('node:assert/strict');
const mongodb = require('mongodb');
const { difference } = require('../../parity/differences');
const { useCertificates } = require('../../support/certificates');
const { failure, getSession, setSession, useConnections, useServer } = require('../../support/connections');
const { listeningPorts } = require('../../support/listening');
const { Relay } = require('../../support/relay');
const { SocksProxy } = require('../../support/socks');
const { eventually } = require('../../support/stores');
const { openTlsRelay } = require('../../support/tls-relay');
const { freePort } = require('../../../tools/mongod/ports');

/** How long a refusal takes; long enough for a busy machine to find out why. */
const SHORT = { serverSelectionTimeoutMS: 1500 };
/** Nobody who answers is waited for that long, nor is an operation. */
const PATIENT = { serverSelectionTimeoutMS: 20_000 };
const SUBJECT = 'CN=reader,OU=people,O=clients';
const PASSWORD = 'marked-secret-5';

describe('host names in certificates', () => {
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.authority('stranger');
    make.issue('elsewhere', { authority: 'ca', names: ['DNS:elsewhere.example'] });
    make.issue('expired', { authority: 'ca', names: ['DNS:elsewhere.example'], expired: true });
    make.issue('expired-subject', { authority: 'ca', subject: '/O=tests/CN=localhost', expired: true });
    make.issue('subject', { authority: 'ca', subject: '/O=tests/CN=localhost' });
    make.issue('other-subject', { authority: 'ca', subject: '/O=tests/CN=elsewhere.example' });
    make.issueVersion1('version-1', { authority: 'ca', subject: '/CN=localhost' });
    make.issue('both', { authority: 'ca', subject: '/O=tests/CN=localhost', names: ['DNS:elsewhere.example'] });
    make.issue('reader', { authority: 'ca', subject: '/O=clients/OU=people/CN=reader' });
    make.encrypt('reader', PASSWORD);
    make.selfSigned('self', { subject: '/CN=localhost', names: ['DNS:localhost', 'IP:127.0.0.1'] });
    make.selfSigned('self-subject', { subject: '/CN=localhost' });
    make.selfSigned('self-elsewhere', { subject: '/CN=localhost', names: ['DNS:elsewhere.example'] });
    make.selfSigned('self-expired', { subject: '/CN=localhost', expired: true });
    make.selfSigned('self-stranger', { subject: '/CN=localhost', names: ['DNS:localhost'] });
  });
  const connections = useConnections();
  const file = (name) => certificates.file(name);
  const trusting = (name, more) => ({ ...SHORT, tls: true, tlsCAFile: file(`${name}.crt`), ...more });
  const any = (name, more) => trusting(name, { tlsAllowInvalidHostnames: true, ...more });
  const serverWith = (name, more = []) => useServer(() => ({
    args: [
      '--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', file(`${name}.pem`),
      '--tlsCAFile', file('ca.crt'), '--tlsAllowConnectionsWithoutCertificates', ...more
    ]
  }));
  const at = ({ port }, host = 'localhost') => `mongodb://${host}:${port}/`;
  const worksAlike = async (uri, options) => {
    await connections.node(uri, { ...options, ...PATIENT });
    return connections.works(uri, { ...options, ...PATIENT });
  };
  const refusedAlike = async (uri, options, reason) => {
    const [ours, theirs] = await Promise.all([connections.refused(uri, options), connections.nodeRefused(uri, options)]);
    assert.equal(theirs.name, 'MongoServerSelectionError');
    assert.equal(ours.name, theirs.name);
    assert.match(ours.message, reason);
  };
  /** A TLS server with a certificate that mongod would not start with, in front of one without TLS. */
  const useFront = (name) => {
    const plain = useServer();
    let front;
    before('put a certificate in front', async () => {
      front = await openTlsRelay(plain.port, { cert: certificates.read(`${name}.crt`), key: certificates.read(`${name}.key`) });
    });
    after(() => front?.close());
    return { get port() { return front.port; } };
  };

  describe('tlsAllowInvalidHostnames', () => {
    const server = serverWith('elsewhere');

    it('is what it takes to connect under another name', async () => {
      await refusedAlike(at(server), trusting('ca'), /not valid for name/i);
      await refusedAlike(at(server), trusting('ca', { tlsAllowInvalidHostnames: false }), /not valid for name/i);
      await worksAlike(at(server), any('ca'));
    });

    it('is taken from the URI and for an address', async () => {
      await worksAlike(`${at(server)}?tls=true&tlsAllowInvalidHostnames=true&tlsCAFile=${encodeURIComponent(file('ca.crt'))}`, {});
      await worksAlike(at(server, '127.0.0.1'), any('ca'));
    });

    it('takes the authority from memory', async () => {
      const ca = certificates.read('ca.crt');
      await connections.works(at(server), { tls: true, ca, tlsAllowInvalidHostnames: true });
    });

    it('does not accept another authority', async () => {
      await refusedAlike(at(server), any('stranger'), /UnknownIssuer/);
      await refusedAlike(at(server), { ...SHORT, tls: true, tlsAllowInvalidHostnames: true }, /UnknownIssuer/);
    });

    it('says as without it that nobody listens', async () => {
      const port = await freePort();
      await refusedAlike(`mongodb://127.0.0.1:${port}/`, any('ca'), new RegExp(`^connect ECONNREFUSED 127.0.0.1:${port}$`));
      await refusedAlike(`mongodb://no-such-host.invalid:${port}/`, any('ca'), /^getaddrinfo (ENOTFOUND|EAI_AGAIN) no-such-host\.invalid$/);
    });

    it('goes through the application\'s own proxy', async () => {
      const account = { username: 'traveller', password: PASSWORD };
      const proxy = await new SocksProxy(account).open();
      try {
        const way = { proxyHost: '127.0.0.1', proxyPort: proxy.port, proxyUsername: account.username };
        await connections.works(at(server), any('ca', { ...way, ...PATIENT, proxyPassword: PASSWORD }));
        assert.deepEqual([...new Set(proxy.asked)], [`localhost:${server.port}`]);
        const error = await connections.refused(at(server), any('ca', { ...way, proxyPassword: `${PASSWORD}x` }));
        assert.equal(error.name, 'MongoServerSelectionError');
        assert.ok(!error.stack.includes(PASSWORD), error.stack);
      } finally {
        proxy.close();
      }
    });

    it('survives a connection that breaks', async () => {
      const cut = await new Relay({ host: '127.0.0.1', port: server.port }).open();
      const store = await connections.works(at(cut), any('ca'));
      await cut.cut();
      const error = await failure(getSession(store, 'a-session'));
      assert.match(error.cause.name, /^Mongo(Network|ServerSelection)Error$/);
      await cut.open();
      await eventually(() => setSession(store, 'after').then(() => true, () => false));
      await cut.cut();
    });

    it('carries sessions of several megabytes, many at a time', async () => {
      const store = await connections.works(at(server), any('ca', PATIENT));
      const session = (index) => ({ text: `${index}`.repeat(3_000_000), cookie: { originalMaxAge: 60_000 } });
      const ids = [1, 2, 3, 4];
      await Promise.all(ids.map((id) => store.set(`large-${id}`, session(id))));
      const found = await Promise.all(ids.map((id) => store.get(`large-${id}`)));
      assert.deepEqual(found.map(({ text }) => text), ids.map((id) => session(id).text));
    });

    it('does not wait for acknowledgements in the middle of a session', async () => {
      const store = await connections.works(at(server), any('ca', PATIENT));
      const session = { text: 'x'.repeat(20_000), cookie: { originalMaxAge: 60_000 } };
      // Linux holds an acknowledgement back for 40 ms; a busy machine is not that slow every time.
      await eventually(async () => {
        const started = performance.now();
        await store.set('medium', session);
        return performance.now() - started < 35;
      });
    });

    it('leaves no port open when the store is closed', async function leave() {
      const before = listeningPorts();
      if (before === null) this.skip();
      const store = await connections.works(at(server), any('ca', { ...PATIENT, appName: 'leaving' }));
      // Those of earlier tests may be closing yet.
      const opened = [...listeningPorts()].filter((port) => !before.has(port));
      assert.equal(opened.length, 1);
      await store.client.close();
      await eventually(() => !listeningPorts().has(opened[0]));
    });
  });

  describe('tlsAllowInvalidHostnames with an expired certificate', () => {
    const front = useFront('expired');

    it('does not accept it', () => refusedAlike(at(front), any('ca'), /expired/i));
  });

  describe('tlsAllowInvalidHostnames with client certificates', () => {
    const server = useServer(() => ({
      args: ['--auth', '--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', file('elsewhere.pem'), '--tlsCAFile', file('ca.crt')]
    }));

    before('make a user of the certificate\'s subject', async () => {
      const client = await mongodb.MongoClient.connect(at(server), any('ca', { tlsCertificateKeyFile: file('reader.pem'), maxPoolSize: 1 }));
      const roles = [{ role: 'root', db: 'admin' }];
      await client.db('$external').command({ createUser: SUBJECT, roles });
      await client.close();
    });

    for (const [title, options] of Object.entries({
      'a file': () => ({ tlsCertificateKeyFile: file('reader.pem') }),
      'a file with a password': () => ({ tlsCertificateKeyFile: file('reader.encrypted.pem'), tlsCertificateKeyFilePassword: PASSWORD }),
      'memory': () => ({ cert: certificates.read('reader.crt'), key: certificates.read('reader.key') })
    })) {
      it(`logs in by MONGODB-X509 of ${title}`, async () => {
        const store = await connections.works(at(server), any('ca', { ...PATIENT, authMechanism: 'MONGODB-X509', ...options() }));
        const { authInfo } = await store.client.db('admin').command({ connectionStatus: 1 });
        assert.deepEqual(authInfo.authenticatedUsers, [{ user: SUBJECT, db: '$external' }]);
      });
    }

    it('is refused without one, for the server\'s reason', () => {
      return refusedAlike(at(server), any('ca'), /CertificateRequired|HandshakeFailure|closed|reset/i);
    });

    it('does not tell the password of a key', async () => {
      const wrong = { tlsCertificateKeyFile: file('reader.encrypted.pem'), tlsCertificateKeyFilePassword: `${PASSWORD}x` };
      const error = await connections.refused(at(server), any('ca', wrong));
      assert.match(error.message, /private key/);
      assert.ok(!error.stack.includes(PASSWORD));
    });
  });

  describe('in the subject only', () => {
    const server = serverWith('subject');

    it('count, as for the Node driver', () => worksAlike(at(server), trusting('ca')));
    it('count with ca from memory', () => worksAlike(at(server), { ...SHORT, tls: true, ca: certificates.read('ca.crt') }));
    it('do not count for an address', () => refusedAlike(at(server, '127.0.0.1'), trusting('ca'), /not valid for name/));
    it('do not make another authority trusted', () => refusedAlike(at(server), trusting('stranger'), /UnknownIssuer/));
  });

  describe('in the subject of', () => {
    for (const [name, what, reason] of [
      ['other-subject', 'another host\'s certificate', /not valid for name/],
      ['both', 'a certificate that names other hosts besides', /not valid for name/],
      ['expired-subject', 'an expired certificate', /expired/i]
    ]) {
      describe(what, () => {
        const front = useFront(name);
        it('do not count', () => refusedAlike(at(front), trusting('ca'), reason));
      });
    }
  });

  describe('in a certificate of X.509 version 1', () => {
    const front = useFront('version-1');

    // Newer versions of openssl make no more such certificates by themselves.
    const skipped = (test) => !/Version: 1 /.test(certificates.text('version-1')) && test.skip();

    difference('old-certificates', {
      async original() {
        if (!skipped(this)) await connections.works(at(front), trusting('ca', PATIENT));
      },
      async ours() {
        if (skipped(this)) return;
        const error = await connections.refused(at(front), trusting('ca'));
        assert.equal(error.name, 'MongoServerSelectionError');
        assert.match(error.message, /certificate is of X\.509 version 1.* sign it again with a subjectAltName/);
      }
    });
  });

  describe('of a certificate that is its own authority', () => {
    for (const name of ['self', 'self-subject']) {
      describe(`${name}.pem, trusted itself`, () => {
        const front = useFront(name);
        it('connects', () => worksAlike(at(front), trusting(name)));
        it('is not trusted because of another one', () => refusedAlike(at(front), trusting('self-stranger'), /UnknownIssuer|CaUsedAsEndEntity|BadSignature/));
      });
    }

    describe('expired', () => {
      const front = useFront('self-expired');
      it('is refused', () => refusedAlike(at(front), trusting('self-expired'), /expired/i));
      it('is refused with tlsAllowInvalidHostnames', () => refusedAlike(at(front), any('self-expired'), /expired/i));
    });

    describe('for another host', () => {
      const front = useFront('self-elsewhere');
      it('is refused', () => refusedAlike(at(front), trusting('self-elsewhere'), /CaUsedAsEndEntity|not valid for name/));
      it('is accepted with tlsAllowInvalidHostnames', () => worksAlike(at(front), any('self-elsewhere')));
    });
  });
});
