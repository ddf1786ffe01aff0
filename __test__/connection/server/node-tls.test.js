'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');
const { useCertificates } = require('../../support/certificates');
const { runScript } = require('../../support/child');
const { useConnections, useServer } = require('../../support/connections');
const impl = require('../../support/impl');
const { openTlsRelay } = require('../../support/tls-relay');
const { installed } = require('../../../tools/runtime');

const PASSWORD = 'marked-secret-9';
/** How long a refusal takes; long enough for a busy machine to find out why. */
const SHORT = { tls: true, serverSelectionTimeoutMS: 2000 };
/** Nobody who answers is waited for that long, nor is an operation. */
const PATIENT = { tls: true, serverSelectionTimeoutMS: 20_000 };

/** In the process: opens a store of each implementation, and prints what its callback got. */
const SCRIPT = `
  const [modules, uri, connectionOptions, first] = JSON.parse(process.env.CONNECT);
  process.on('warning', ({ name, message }) => warnings.push(name + ': ' + message));
  const warnings = [];
  if (first) eval(first);
  const open = (name) => new Promise((resolve) => {
    const Store = require(modules[name])(require('express-session'));
    const store = new Store({ uri, connectionOptions }, (error) => {
      resolve([name, error ? String(error.message) : 'connected']);
      // It may still be connecting in the original.
      Promise.resolve(store.client?.close()).catch(() => {});
    });
    store.on('error', () => {});
    store.initialConnectionPromise?.catch(() => {});
  });
  Promise.all(Object.keys(modules).map(open)).then((entries) => {
    console.log(JSON.stringify({ ...Object.fromEntries(entries), warnings }));
    process.exit();
  });
`;

/** A Node.js that says whom it trusts (22.15 and newer); null where there is none here. */
function newerNode() {
  return tls.getCACertificates ? process.execPath : installed('node@24');
}

describe('TLS as this Node process does it', () => {
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.authority('stranger');
    make.issue('server', { authority: 'ca', names: ['DNS:localhost', 'IP:127.0.0.1'] });
    make.issue('elsewhere', { authority: 'ca', names: ['DNS:db.example'] });
    make.issue('reader', { authority: 'ca', subject: '/O=clients/CN=reader' });
    make.revocationList('none-revoked', { authority: 'ca' });
    make.revocationList('server-revoked', { authority: 'ca', revoked: ['server'] });
    make.revocationList('strangers', { authority: 'stranger' });
    make.hashed('trusted', 'ca');
    make.pkcs12('reader', 'reader', PASSWORD, ['-certfile', 'ca.crt', '-certpbe', 'aes-256-cbc', '-keypbe', 'aes-256-cbc']);
    make.pkcs12('reader-aes128', 'reader', PASSWORD, ['-certpbe', 'aes-128-cbc', '-keypbe', 'aes-128-cbc']);
    make.pkcs12('reader-open', 'reader', '', ['-certpbe', 'NONE', '-keypbe', 'NONE']);
    make.pkcs12('reader-old', 'reader', PASSWORD, ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES']);
  });
  const file = (name) => certificates.file(name);
  const pem = (name) => certificates.read(name);
  const server = useServer(() => ({
    args: ['--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', file('server.pem'), '--tlsCAFile', file('ca.crt'), '--tlsAllowConnectionsWithoutCertificates']
  }));
  let elsewhere;
  before('put a server with another name in its certificate in front of one', async () => {
    const plain = server.port;
    elsewhere = await openTlsRelay(plain, { cert: pem('elsewhere.crt'), key: pem('elsewhere.key') }, { ca: pem('ca.crt') });
  });
  after(() => elsewhere?.close());
  const connections = useConnections();
  const at = ({ port } = server) => `mongodb://localhost:${port}/`;

  /** What both implementations say in a process with this environment, these arguments and options. */
  async function inProcess({ env, execArgv, node, uri = at(), options = {}, first, modules = ['ours', 'original'] }, limit = PATIENT) {
    const job = [Object.fromEntries(modules.map((name) => [name, impl.load(name).modules.factory])), uri, { ...limit, ...options }, first];
    const { stdout, stderr } = await runScript(SCRIPT, { program: node, execArgv, timeoutMS: 50_000, env: { ...env, CONNECT: JSON.stringify(job) } });
    assert.ok(stdout, stderr);
    return JSON.parse(stdout);
  }
  async function connects(how) {
    const { ours, original } = await inProcess(how);
    assert.deepEqual({ ours, original }, { ours: 'connected', original: 'connected' });
  }
  async function isRefused(how, reason) {
    const { ours, original } = await inProcess(how, SHORT);
    assert.notEqual(original, 'connected');
    assert.match(ours, reason);
  }
  const worksAlike = async (options, uri = at()) => {
    await connections.node(uri, { ...PATIENT, ...options });
    return connections.works(uri, { ...PATIENT, ...options });
  };
  const refusedAlike = async (options, reason, uri = at()) => {
    const args = [uri, { ...SHORT, ...options }];
    const [ours, theirs] = await Promise.all([connections.refused(...args), connections.nodeRefused(...args)]);
    assert.equal(ours.name, theirs.name, theirs.message);
    assert.match(ours.message, reason);
  };

  describe('NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };

    it('accepts an authority that is not trusted', () => connects({ env }));
    it('accepts a certificate for another host', () => connects({ env, uri: at(elsewhere) }));
    it('does not win over rejectUnauthorized', () => isRefused({ env, options: { rejectUnauthorized: true } }, /UnknownIssuer/));
    it('does not win over tlsAllowInvalidCertificates', () => isRefused({ env, options: { tlsAllowInvalidCertificates: false } }, /UnknownIssuer/));
    it('means nothing when it is 1', () => isRefused({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '1' } }, /UnknownIssuer/));

    it('is warned about as by Node', async () => {
      const { warnings } = await inProcess({ env, modules: ['ours'] });
      const { warnings: theirs } = await inProcess({ env, modules: ['original'] });
      assert.equal(warnings.length, 1);
      assert.deepEqual(warnings, theirs.filter((text) => text.includes('NODE_TLS_REJECT_UNAUTHORIZED')));
    });
  });

  describe('the authorities that Node trusts are trusted', () => {
    it('those of --use-openssl-ca, from SSL_CERT_FILE', async () => {
      const execArgv = ['--use-openssl-ca'];
      await connects({ execArgv, env: { SSL_CERT_FILE: file('ca.crt') } });
      await isRefused({ execArgv, env: { SSL_CERT_FILE: file('stranger.crt') } }, /UnknownIssuer/);
    });

    it('those of --use-openssl-ca, from SSL_CERT_DIR', () => {
      return connects({ env: { NODE_OPTIONS: '--use-openssl-ca', SSL_CERT_DIR: `/nowhere${path.delimiter}${file('trusted')}` } });
    });

    it('not those of SSL_CERT_FILE without it', () => isRefused({ env: { SSL_CERT_FILE: file('ca.crt') } }, /UnknownIssuer/));

    for (const [title, how] of Object.entries({
      '--use-system-ca': () => ({ execArgv: ['--use-system-ca'], env: { SSL_CERT_FILE: file('ca.crt') } }),
      'NODE_USE_SYSTEM_CA=1': () => ({ env: { NODE_USE_SYSTEM_CA: '1', SSL_CERT_FILE: file('ca.crt') } }),
      NODE_EXTRA_CA_CERTS: () => ({ env: { NODE_EXTRA_CA_CERTS: file('ca.crt') } }),
      'tls.setDefaultCACertificates()': () => ({ first: `require('tls').setDefaultCACertificates([${JSON.stringify(pem('ca.crt'))}])` })
    })) {
      it(`those of ${title}, in newer versions of Node`, async function newer() {
        const node = newerNode();
        // The system's list is a file on Linux only.
        if (node === null || (title.includes('SYSTEM') && process.platform !== 'linux')) this.skip();
        await connects({ node, ...how() });
      });
    }

    it('instead of them, those of ca', () => {
      return isRefused({ env: { NODE_EXTRA_CA_CERTS: file('ca.crt') }, options: { ca: pem('stranger.crt') } }, /UnknownIssuer/);
    });
  });

  describe('keys and certificates in memory', () => {
    const inMemory = () => ({ ca: pem('ca.crt'), cert: pem('reader.crt'), key: pem('reader.key') });

    it('are never in a file, also while it connects', async () => {
      const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'watched-'));
      const seen = [];
      const watcher = fs.watch(directory, (...event) => seen.push(event));
      try {
        const { ours } = await inProcess({ env: { TMPDIR: directory, TEMP: directory, TMP: directory }, options: inMemory(), modules: ['ours'] });
        assert.equal(ours, 'connected');
        assert.deepEqual(seen, []);
      } finally {
        watcher.close();
        fs.rmSync(directory, { recursive: true });
      }
    });

    it('need no directory for temporary files', async () => {
      const env = { TMPDIR: '/nonexistent', TEMP: '/nonexistent', TMP: '/nonexistent' };
      await connects({ env, options: inMemory() });
      await connects({ env: { ...env, NODE_EXTRA_CA_CERTS: file('ca.crt') } });
    });

    it('are shown also to a server that is not checked', async () => {
      await worksAlike({ cert: pem('reader.crt'), key: pem('reader.key'), tlsAllowInvalidCertificates: true });
    });

    it('may have a password that nothing needs', async () => {
      await worksAlike({ ...inMemory(), passphrase: 'not needed' });
      await worksAlike({ ca: pem('ca.crt'), tlsCertificateKeyFile: file('reader.pem'), tlsCertificateKeyFilePassword: 'not needed' });
      await worksAlike({ tlsCAFile: file('ca.crt'), tlsCertificateKeyFile: file('reader.pem'), tlsCertificateKeyFilePassword: 'not needed' });
    });
  });

  describe('pfx', () => {
    const exported = (name) => fs.readFileSync(file(name));

    it('has the certificate and key of the client', async () => {
      const ca = pem('ca.crt');
      const strict = await openTlsRelay(server.port, { cert: pem('server.crt'), key: pem('server.key'), ca, requestCert: true, rejectUnauthorized: true }, { ca });
      try {
        for (const options of [
          { pfx: exported('reader.pfx'), passphrase: PASSWORD },
          { pfx: [{ buf: exported('reader.pfx'), passphrase: PASSWORD }] },
          { pfx: exported('reader-aes128.pfx'), passphrase: PASSWORD },
          { pfx: [exported('reader-open.pfx')], passphrase: '' }
        ]) await worksAlike({ ca, ...options }, at(strict));
        await refusedAlike({ ca }, /closed|reset|Certificate/i, at(strict));
      } finally {
        strict.close();
      }
    });

    for (const [title, options, reason] of [
      ['a wrong passphrase', () => ({ pfx: exported('reader.pfx'), passphrase: `${PASSWORD}x` }), /^pfx cannot be read: the passphrase is wrong$/],
      ['bytes that are something else', () => ({ pfx: exported('reader.crt') }), /^pfx cannot be read: it is no PKCS #12 in DER form$/],
      ['a store that is cut off', () => ({ pfx: exported('reader.pfx').subarray(0, 200), passphrase: PASSWORD }), /^pfx cannot be read: /],
      ['an old way of encryption', () => ({ pfx: exported('reader-old.pfx'), passphrase: PASSWORD }), /^pfx cannot be read: it is encrypted in an old way; write it anew: openssl pkcs12/],
      ['several', () => ({ pfx: [exported('reader.pfx'), exported('reader.pfx')] }), /^pfx must be a Buffer with one PKCS #12 store/],
      ['a text', () => ({ pfx: 'hunter2' }), /^pfx must be a Buffer/]
    ]) {
      it(`that has ${title} says so`, () => {
        assert.throws(() => connections.open(at(), { ...SHORT, ...options() }), ({ name, message, stack }) => {
          assert.equal(name, 'MongoInvalidArgumentError');
          assert.match(message, reason);
          return !stack.includes(PASSWORD) && !stack.includes('hunter2');
        });
      });
    }
  });

  describe('servername', () => {
    const trusting = () => ({ ca: pem('ca.crt') });

    it('is the name that the certificate must have', async () => {
      await worksAlike({ ...trusting(), servername: 'db.example' }, at(elsewhere));
      await refusedAlike({ ...trusting(), servername: 'db.example' }, /not valid for name "db\.example"/);
      await refusedAlike({ ...trusting(), servername: 'other.example' }, /not valid for name "other\.example"/, at(elsewhere));
    });

    it('is what the server is told', async () => {
      elsewhere.names.length = 0;
      await worksAlike({ ...trusting(), servername: 'db.example' }, at(elsewhere));
      assert.deepEqual([...new Set(elsewhere.names)], ['db.example']);
      elsewhere.names.length = 0;
      await worksAlike({ ...trusting(), servername: '', tlsAllowInvalidHostnames: true }, at(elsewhere));
      assert.deepEqual([...new Set(elsewhere.names)], [false]);
    });

    it('goes with a file of authorities as well', () => worksAlike({ tlsCAFile: file('ca.crt'), servername: 'db.example' }, at(elsewhere)));

    it('must be a name', async () => {
      const error = await connections.refused(at(), { ...SHORT, servername: 'no name' });
      assert.match(error.message, /servername must be a host name or an address/);
      assert.throws(() => connections.open(at(), { ...SHORT, servername: 5 }), /servername must be a string, .*got a value of type number/);
    });
  });

  describe('checkServerIdentity', () => {
    const trusting = () => ({ ca: pem('ca.crt') });

    for (const [title, check] of Object.entries({
      '() => undefined': () => undefined,
      'a function with an empty body': () => {},
      '(host, certificate) => null': (host, certificate) => null // eslint-disable-line no-unused-vars -- as people write it
    })) {
      it(`is tlsAllowInvalidHostnames when it is ${title}`, async () => {
        await worksAlike({ ...trusting(), checkServerIdentity: check }, at(elsewhere));
        await refusedAlike({ ca: pem('stranger.crt'), checkServerIdentity: check }, /UnknownIssuer/, at(elsewhere));
      });
    }

    for (const [title, check] of Object.entries({
      'decides by the certificate': (host, { subject }) => (subject.CN === 'db.example' ? undefined : new Error('no')),
      'looks at the certificate for some hosts': (host, certificate) => (host === 'localhost' ? tls.checkServerIdentity(host, certificate) : undefined),
      'accepts whatever it finds': (host, certificate) => void certificate.fingerprint256,
      'is Node\'s own': tls.checkServerIdentity,
      'is asynchronous': async () => undefined,
      'throws': () => { throw new Error('no'); }
    })) {
      it(`is refused when it ${title}, with what to use instead`, () => {
        const open = () => connections.open(at(), { ...SHORT, ...trusting(), checkServerIdentity: check });
        assert.throws(open, ({ name, message }) => {
          assert.equal(name, 'MongoCompatibilityError');
          assert.match(message, /^option checkServerIdentity is not supported.* servername, or tlsAllowInvalidHostnames: true/);
          return !message.includes('tlsAllowInvalidCertificates');
        });
      });
    }

    it('must be a function', () => {
      assert.throws(() => connections.open(at(), { ...SHORT, checkServerIdentity: false }), /checkServerIdentity must be a function; got a value of type boolean/);
    });
  });

  describe('revocation lists', () => {
    const trusting = (list) => ({ ca: pem('ca.crt'), ...list });

    it('let others in', async () => {
      await worksAlike(trusting({ crl: pem('none-revoked.crl') }));
      await worksAlike(trusting({ crl: [Buffer.from(pem('strangers.crl')), pem('none-revoked.crl')] }));
      await worksAlike(trusting({ tlsCRLFile: file('none-revoked.crl') }));
    });

    it('keep those out that they name', async () => {
      await refusedAlike(trusting({ crl: pem('server-revoked.crl') }), /revoked/i);
      await refusedAlike({ tlsCAFile: file('ca.crt'), tlsCRLFile: file('server-revoked.crl') }, /revoked/i);
    });

    it('must be there for each authority', () => refusedAlike(trusting({ crl: pem('strangers.crl') }), /revocation status|UnknownRevocationStatus/i));

    it('that are none say so', async () => {
      const error = await connections.refused(at(), { ...SHORT, tlsCRLFile: file('ca.key') });
      assert.match(error.message, /no usable revocation list in .*ca\.key/);
    });
  });

  describe('allowPartialTrustChain', () => {
    it('trusts a certificate without its authority', async () => {
      await worksAlike({ ca: pem('server.crt'), allowPartialTrustChain: true });
      await refusedAlike({ ca: pem('server.crt') }, /UnknownIssuer/);
      await refusedAlike({ ca: pem('server.crt'), allowPartialTrustChain: true }, /UnknownIssuer/, at(elsewhere));
    });
  });
});
