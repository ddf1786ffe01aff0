'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { useCertificates } = require('../../support/certificates');
const { useConnections, useServer } = require('../../support/connections');
const { ROOT } = require('../../support/impl');
const { openTlsRelay } = require('../../support/tls-relay');

/** How long a refusal takes; long enough for a busy machine to find out why. */
const SHORT = { serverSelectionTimeoutMS: 1500 };

describe('TLS', () => {
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.authority('stranger');
    make.issue('server', { authority: 'ca', names: ['DNS:localhost', 'IP:127.0.0.1'] });
    make.issue('elsewhere', { authority: 'ca', subject: '/O=tests/CN=elsewhere', names: ['DNS:elsewhere.example'] });
    make.issue('expired', { authority: 'ca', names: ['DNS:localhost', 'IP:127.0.0.1'], expired: true });
  });
  const connections = useConnections();
  const requiring = (name) => () => ({
    args: [
      '--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', certificates.file(`${name}.pem`),
      '--tlsCAFile', certificates.file('ca.crt'), '--tlsAllowConnectionsWithoutCertificates'
    ]
  });
  const at = (server, query = '') => `mongodb://localhost:${server.port}/${query}`;
  const file = (name) => certificates.file(name);
  const pem = (name) => certificates.read(name);

  describe('with a certificate of a private authority', () => {
    const server = useServer(requiring('server'));

    const trusted = {
      'tlsCAFile': () => ({ tls: true, tlsCAFile: file('ca.crt') }),
      'ssl for tls': () => ({ ssl: true, tlsCAFile: file('ca.crt') }),
      'ca, a string': () => ({ tls: true, ca: pem('ca.crt') }),
      'ca, a Buffer': () => ({ tls: true, ca: Buffer.from(pem('ca.crt')) }),
      'ca, an array of both': () => ({ tls: true, ca: [pem('stranger.crt'), Buffer.from(pem('ca.crt'))] }),
      'ca, several in one string': () => ({ tls: true, ca: `${pem('stranger.crt')}${pem('ca.crt')}` }),
      'sslCA, a string': () => ({ ssl: true, sslCA: pem('ca.crt') }),
      'sslCA, an array of Buffers': () => ({ ssl: true, sslCA: [Buffer.from(pem('ca.crt'))] }),
      'sslCA with sslValidate': () => ({ ssl: true, sslValidate: true, sslCA: pem('ca.crt') })
    };
    for (const [title, options] of Object.entries(trusted)) {
      it(`connects with ${title}`, () => connections.works(at(server), options()));
    }

    it('takes both from the URI', async () => {
      await connections.works(at(server, `?tls=true&tlsCAFile=${encodeURIComponent(file('ca.crt'))}`));
    });

    it('checks an address against the addresses in the certificate', async () => {
      await connections.works(`mongodb://127.0.0.1:${server.port}`, { tls: true, tlsCAFile: file('ca.crt') });
    });

    const unchecked = {
      tlsAllowInvalidCertificates: { tls: true, tlsAllowInvalidCertificates: true },
      tlsInsecure: { tls: true, tlsInsecure: true },
      'sslValidate: false': { ssl: true, sslValidate: false },
      'rejectUnauthorized: false': { tls: true, rejectUnauthorized: false },
      'both tlsAllow… options': { tls: true, tlsAllowInvalidCertificates: true, tlsAllowInvalidHostnames: true }
    };
    for (const [title, options] of Object.entries(unchecked)) {
      it(`connects unchecked with ${title}`, () => connections.works(at(server), options));
    }

    it('trusts NODE_EXTRA_CA_CERTS besides the public authorities, as Node does', () => {
      const script = `
        const [uri, options] = JSON.parse(process.argv[1]);
        const failed = (error) => { console.error(error); process.exit(1); };
        new (require('mongodb').MongoClient)(uri, options).connect().then((client) => client.close()).then(() => {
          const Store = require('.')(require('express-session'));
          const store = new Store({ uri, connectionOptions: options }, (error) => error ? failed(error) : store.client.close());
        }, failed);`;
      const run = (extra, limit) => spawnSync(process.execPath, ['-e', script, JSON.stringify([at(server), { ...limit, tls: true }])], {
        cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_EXTRA_CA_CERTS: extra }
      });
      const { status, stderr } = run(file('ca.crt'), {});
      assert.equal(status, 0, stderr);
      assert.equal(run(file('stranger.crt'), SHORT).status, 1);
    });

    it('is really encrypted', async () => {
      const store = await connections.works(at(server), { tls: true, tlsCAFile: file('ca.crt') });
      const { transportSecurity } = await store.client.db('admin').command({ serverStatus: 1 });
      const versions = Object.fromEntries(Object.entries(transportSecurity).map(([name, count]) => [name, Number(count)]));
      assert.ok(versions['1.2'] + versions['1.3'] > 0, JSON.stringify(versions));
      assert.equal(versions['1.0'] + versions['1.1'], 0);
    });

    refuses('without any authority to trust', server, () => ({ tls: true }), /certificate|UnknownIssuer/i);
    refuses('with another authority', server, () => ({ tls: true, tlsCAFile: file('stranger.crt') }), /certificate|UnknownIssuer/i);
    refuses('with another authority in memory', server, () => ({ tls: true, ca: pem('stranger.crt') }), /certificate|UnknownIssuer/i);
    refuses('without TLS', server, () => ({}), /closed|reset/i);

    it('names the file of certificates that is not there', async () => {
      const error = await connections.refused(at(server), { ...SHORT, tls: true, tlsCAFile: file('missing.crt') });
      assert.ok(error.message.includes('missing.crt'), error.message);
      assert.match(error.message, /ENOENT|No such file/);
    });
  });

  describe('with an expired certificate', () => {
    const mongod = useServer();
    let relay;
    const server = { get port() { return relay.port; } };

    before('put an expired certificate in front of it', async () => {
      relay = await openTlsRelay(mongod.port, { cert: pem('expired.crt'), key: pem('expired.key') });
    });
    after(() => relay?.close());

    refuses('it', server, () => ({ tls: true, tlsCAFile: file('ca.crt') }), /expired/i);

    it('connects when certificates are not checked', () => {
      return connections.works(at(server), { tls: true, tlsAllowInvalidCertificates: true });
    });
  });

  describe('with a certificate for another host', () => {
    const server = useServer(requiring('elsewhere'));

    refuses('it', server, () => ({ tls: true, tlsCAFile: file('ca.crt') }), /not valid for|NotValidForName|does not match|altnames/i);

    it('connects when certificates are not checked', () => {
      return connections.works(at(server), { tls: true, tlsInsecure: true });
    });
  });

  describe('on a server without it', () => {
    const server = useServer({});

    refuses('to go without', server, () => ({ tls: true, tlsAllowInvalidCertificates: true }), /./);
  });

  function refuses(what, server, options, reason) {
    it(`refuses ${what}, as the Node driver does`, async () => {
      const args = [at(server), { ...SHORT, ...options() }];
      const [ours, theirs] = await Promise.all([connections.refused(...args), connections.nodeRefused(...args)]);
      assert.equal(theirs.name, 'MongoServerSelectionError');
      assert.equal(ours.name, theirs.name);
      assert.match(ours.message, reason);
    });
  }
});
