'use strict';

const assert = require('node:assert/strict');
const mongodb = require('mongodb');
const { difference } = require('../../parity/differences');
const { RSA, useCertificates } = require('../../support/certificates');
const { useConnections, useServer } = require('../../support/connections');

/** How long a refusal takes; long enough for a busy machine to find out why. */
const SHORT = { serverSelectionTimeoutMS: 1500 };
/** Nobody who answers is waited for that long, nor is an operation. */
const PATIENT = { serverSelectionTimeoutMS: 20_000 };
const PASSWORD = 'marked-secret-8';
const SUBJECT = 'CN=reader,OU=people,O=clients';

describe('client certificates', () => {
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.authority('stranger');
    make.issue('server', { authority: 'ca', names: ['DNS:localhost', 'IP:127.0.0.1'] });
    make.issue('reader', { authority: 'ca', subject: '/O=clients/OU=people/CN=reader' });
    make.issue('unknown', { authority: 'ca', subject: '/O=clients/OU=people/CN=unknown' });
    make.issue('foreign', { authority: 'stranger', subject: '/O=clients/OU=people/CN=reader' });
    make.encrypt('reader', PASSWORD);
    make.issue('rsa', { authority: 'ca', subject: '/O=clients/OU=people/CN=reader', newKey: RSA });
    make.traditional('pkcs1', 'rsa');
  });
  const file = (name) => certificates.file(name);
  const pem = (name) => certificates.read(name);
  const server = useServer(() => ({
    args: [
      '--auth', '--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', file('server.pem'), '--tlsCAFile', file('ca.crt')
    ]
  }));
  const connections = useConnections();
  const at = (query = '') => `mongodb://localhost:${server.port}/${query}`;
  const withTls = (more) => ({ ...SHORT, tls: true, tlsCAFile: file('ca.crt'), ...more });
  const x509 = (more) => withTls({ authMechanism: 'MONGODB-X509', ...more });

  before('make a user of the certificate\'s subject', async () => {
    const options = { tls: true, tlsCAFile: file('ca.crt'), tlsCertificateKeyFile: file('reader.pem') };
    const first = await mongodb.MongoClient.connect(at(), { ...options, maxPoolSize: 1 });
    await first.db('admin').command({ createUser: 'admin', pwd: 'of all', roles: ['root'] });
    await first.close();
    const admin = await mongodb.MongoClient.connect(at(), { ...options, auth: { username: 'admin', password: 'of all' } });
    const roles = [{ role: 'readWriteAnyDatabase', db: 'admin' }];
    await admin.db('$external').command({ createUser: SUBJECT, roles });
    await admin.close();
  });

  const ways = {
    'tlsCertificateKeyFile': () => ({ tlsCertificateKeyFile: file('reader.pem') }),
    'tlsCertificateKeyFile and its password': () => ({
      tlsCertificateKeyFile: file('reader.encrypted.pem'), tlsCertificateKeyFilePassword: PASSWORD
    }),
    'an RSA key in PKCS #8': () => ({ tlsCertificateKeyFile: file('rsa.pem') }),
    'an RSA key in PKCS #1': () => ({ tlsCertificateKeyFile: file('pkcs1.pem') }),
    'cert and key, strings': () => ({ cert: pem('reader.crt'), key: pem('reader.key') }),
    'cert and key, Buffers': () => ({ cert: Buffer.from(pem('reader.crt')), key: Buffer.from(pem('reader.key')) }),
    'cert and key, arrays': () => ({ cert: [pem('reader.crt')], key: [Buffer.from(pem('reader.key'))] }),
    'cert and a key with its passphrase': () => ({
      cert: pem('reader.crt'), key: [{ pem: Buffer.from(pem('reader.encrypted.key')), passphrase: PASSWORD }]
    }),
    'sslCert and sslKey': () => ({ sslCert: pem('reader.crt'), sslKey: Buffer.from(pem('reader.key')) }),
    'cert, an encrypted key and its passphrase': () => ({
      cert: pem('reader.crt'), key: pem('reader.encrypted.key'), passphrase: PASSWORD
    })
  };
  for (const [title, options] of Object.entries(ways)) {
    it(`log in with MONGODB-X509 by ${title}`, async () => {
      const store = await connections.works(at(), x509({ ...options(), ...PATIENT }));
      const { authInfo } = await store.client.db('admin').command({ connectionStatus: 1 });
      assert.deepEqual(authInfo.authenticatedUsers, [{ user: SUBJECT, db: '$external' }]);
    });
  }

  it('log in by the URI alone', async () => {
    const query = new URLSearchParams({
      tls: 'true', tlsCAFile: file('ca.crt'), tlsCertificateKeyFile: file('reader.pem'),
      authMechanism: 'MONGODB-X509', authSource: '$external'
    });
    await connections.works(at(`?${query}`));
  });

  it('log in with the user name written out', async () => {
    const user = encodeURIComponent(SUBJECT);
    const uri = `mongodb://${user}@localhost:${server.port}/?authMechanism=MONGODB-X509`;
    await connections.works(uri, withTls({ tlsCertificateKeyFile: file('reader.pem'), ...PATIENT }));
  });

  it('go together with a password of a user', async () => {
    const options = withTls({ tlsCertificateKeyFile: file('unknown.pem'), auth: { username: 'admin', password: 'of all' }, ...PATIENT });
    const store = await connections.works(at(), options);
    const { authInfo } = await store.client.db('admin').command({ connectionStatus: 1 });
    assert.deepEqual(authInfo.authenticatedUsers, [{ user: 'admin', db: 'admin' }]);
  });

  describe('are refused as by the Node driver', () => {
    const unknown = async () => {
      const { name, code, codeName } = await connections.refused(at(), x509({ tlsCertificateKeyFile: file('unknown.pem') }));
      return { name, code, codeName };
    };
    difference('x509-unknown-user', {
      // The server's answer is lost in the native driver.
      ours: async () => assert.deepEqual(await unknown(), { name: 'MongoServerError', code: 18, codeName: 'AuthenticationFailed' })
    });

    it('without a user of that subject', async () => {
      const args = [at(), x509({ tlsCertificateKeyFile: file('unknown.pem') })];
      const [ours, theirs] = await Promise.all([connections.refused(...args), connections.nodeRefused(...args)]);
      assert.equal(theirs.code, 11);
      assert.equal(ours.name, theirs.name);
      assert.deepEqual([...ours.errorLabels].sort(), [...theirs.errorLabels].sort());
    });

    for (const [title, options] of [
      ['of an authority that the server does not trust', () => ({ tlsCertificateKeyFile: file('foreign.pem') })],
      ['that are missing', () => ({})]
    ]) {
      it(title, async () => {
        const args = [at(), withTls(options())];
        const [ours, theirs] = await Promise.all([connections.refused(...args), connections.nodeRefused(...args)]);
        assert.equal(theirs.name, 'MongoServerSelectionError');
        assert.equal(ours.name, theirs.name);
      });
    }
  });

  describe('that cannot be read say so, without the password', () => {
    const unusable = {
      'a wrong password': [() => ({ tlsCertificateKeyFile: file('reader.encrypted.pem'), tlsCertificateKeyFilePassword: `${PASSWORD}x` }), /key|password|decrypt/i],
      'no password for an encrypted key': [() => ({ tlsCertificateKeyFile: file('reader.encrypted.pem') }), /key|password|decrypt/i],
      'a file that is not there': [() => ({ tlsCertificateKeyFile: file('missing.pem') }), /missing\.pem/],
      'a file without a key': [() => ({ tlsCertificateKeyFile: file('reader.crt') }), /key/i],
      'cert without key': [() => ({ cert: pem('reader.crt') }), /cert needs key/],
      'key without cert': [() => ({ key: pem('reader.key') }), /key needs cert/]
    };
    for (const [title, [options, reason]] of Object.entries(unusable)) {
      it(title, async () => {
        const error = await connections.refused(at(), withTls(options()));
        assert.match(error.message, reason);
        assert.ok(!error.stack.includes(PASSWORD));
      });
    }
  });
});
