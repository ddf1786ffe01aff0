'use strict';

/** Stores with the option `client`: the settings of the application's client count for the store's own connections. */

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const mongodb = require('mongodb');
const MongoDBStore = require('../../../index')(expressSession);
const { useCertificates } = require('../../support/certificates');
const { useServer } = require('../../support/connections');
const { Members } = require('../../support/members');
const { WireProxy } = require('../../support/wire-proxy');

const PASSWORD = 'p/a:s@s%20w';
const DATABASE = 'own_client_settings';
const SESSION = { cookie: { originalMaxAge: 60_000 }, user: 'Ada', text: 'again and again '.repeat(500) };

/** Makes a client that is not connected yet, and connects it. */
const APPLICATIONS = {
  'driver 4': ofDriver('mongodb4'),
  'driver 5': ofDriver('mongodb5'),
  'driver 6': ofDriver('mongodb'),
  'driver 7': ofDriver('mongodb7'),
  'Mongoose 6': ofMongoose('mongoose6'),
  'Mongoose 7': ofMongoose('mongoose7'),
  'Mongoose 8': ofMongoose('mongoose'),
  'Mongoose 9': ofMongoose('mongoose9')
};

function ofDriver(name) {
  const { MongoClient } = require(name);
  return { make: (uri, options) => new MongoClient(uri, options), connect: (client) => client.connect() };
}

function ofMongoose(name) {
  const { Mongoose } = require(name);
  return {
    make: (uri, options) => {
      const connection = new Mongoose().createConnection(uri, options);
      // Whoever waits for it hears of an error.
      connection.asPromise().catch(() => {});
      return connection;
    },
    connect: (connection) => connection.asPromise()
  };
}

describe('A store with the settings of the application\'s client', function settings() {
  this.timeout(120_000);
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.issue('server', { authority: 'ca', names: ['DNS:localhost'] });
    make.issue('reader', { authority: 'ca', subject: '/O=clients/OU=people/CN=reader' });
  });
  const file = (name) => certificates.file(name);
  const plain = useServer({ args: ['--networkMessageCompressors', 'snappy,zstd,zlib'] });
  const locked = useServer({ args: ['--auth'] });
  const encrypted = useServer(() => ({
    args: [
      '--auth', '--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', file('server.pem'), '--tlsCAFile', file('ca.crt'),
      '--tlsAllowConnectionsWithoutCertificates'
    ]
  }));
  const set = useServer({ replicaSet: 'sessions', members: 3 });
  const ends = [];
  let members;
  let proxy;
  let direct;

  before('make users', async () => {
    const roles = [{ role: 'readWriteAnyDatabase', db: 'admin' }];
    const users = [
      { createUser: 'old', pwd: 'secret', mechanisms: ['SCRAM-SHA-1'] },
      { createUser: 'new', pwd: 'secret', mechanisms: ['SCRAM-SHA-256'] },
      { createUser: 'us@r:/', pwd: PASSWORD }
    ];
    const trust = { tls: true, tlsCAFile: file('ca.crt') };
    for (const [uri, options] of [[locked.uri, {}], [`mongodb://localhost:${encrypted.port}/`, trust]]) {
      // The one connection without a user that a new server lets do this.
      const first = await mongodb.MongoClient.connect(uri, { ...options, maxPoolSize: 1 });
      await first.db('admin').command({ createUser: 'admin', pwd: 'of all', roles: ['root'] });
      await first.close();
      const admin = await mongodb.MongoClient.connect(uri, { ...options, auth: { username: 'admin', password: 'of all' } });
      for (const user of users) await admin.db('admin').command({ ...user, roles });
      await admin.db('tenants').command({ createUser: 'new', pwd: 'of a tenant', roles });
      await admin.db('$external').command({ createUser: 'CN=reader,OU=people,O=clients', roles });
      await admin.close();
    }
  });
  before('look at the servers', async () => {
    direct = await mongodb.MongoClient.connect(plain.uri);
    proxy = await new WireProxy(plain.port).open();
    const clients = set.ports.map((port) => mongodb.MongoClient.connect(`mongodb://127.0.0.1:${port}`, { directConnection: true }));
    members = new Members(await Promise.all(clients), DATABASE);
    await members.tag();
    await members.record();
  });
  after(async () => {
    await Promise.all((members?.clients ?? []).map((client) => client.close()));
    await direct?.close();
    await proxy?.close();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const onLocked = (account, query = '') => `mongodb://${account}127.0.0.1:${locked.port}/${DATABASE}${query}`;
  const onEncrypted = (host, query = '') => `mongodb://new:secret@${host}:${encrypted.port}/${DATABASE}?authSource=admin&${query}`;
  const encoded = encodeURIComponent;
  const appName = 'own-client-tags';

  /** Settings of a client; `around` does what opens and uses a store, and looks at what the server saw. */
  const CONFIGURATIONS = {
    'SCRAM-SHA-1': { given: () => [onLocked('old:secret@', '?authMechanism=SCRAM-SHA-1&authSource=admin')] },
    'SCRAM-SHA-256': { given: () => [onLocked('new:secret@', '?authMechanism=SCRAM-SHA-256&authSource=admin')] },
    'auth and authSource as options': {
      given: () => [onLocked(''), { auth: { username: 'new', password: 'of a tenant' }, authSource: 'tenants' }]
    },
    'a password with /:@%': { given: () => [onLocked(`${encoded('us@r:/')}:${encoded(PASSWORD)}@`, '?authSource=admin')] },
    'TLS by URI': { given: () => [onEncrypted('localhost', `tls=true&tlsCAFile=${encoded(file('ca.crt'))}`)] },
    'TLS by options': { given: () => [onEncrypted('localhost'), { tls: true, tlsCAFile: file('ca.crt') }] },
    'authorities in Buffers': { given: () => [onEncrypted('localhost'), { tls: true, ca: [Buffer.from(certificates.read('ca.crt'))] }] },
    'X.509': {
      given: () => [
        `mongodb://localhost:${encrypted.port}/${DATABASE}?authMechanism=MONGODB-X509&tls=true`,
        { tlsCAFile: file('ca.crt'), tlsCertificateKeyFile: file('reader.pem') }
      ]
    },
    'any certificate': { given: () => [onEncrypted('127.0.0.1', 'tls=true&tlsAllowInvalidCertificates=true')] },
    'any name': { given: () => [onEncrypted('127.0.0.1', 'tls=true&tlsAllowInvalidHostnames=true'), { tlsCAFile: file('ca.crt') }] },
    compressors: {
      given: () => [`${plain.uri}/${DATABASE}`, { compressors: ['zlib'] }],
      around: async (work) => {
        const unpacked = async () => Number((await direct.db('admin').command({ serverStatus: 1 })).network.compression.zlib.decompressor.bytesOut);
        const before = await unpacked();
        await work();
        assert.ok(await unpacked() - before > SESSION.text.length, 'the session was not compressed');
      }
    },
    'a read preference with tags': {
      given: () => {
        const hosts = set.ports.map((port) => `127.0.0.1:${port}`).join();
        return [`mongodb://${hosts}/${DATABASE}?replicaSet=sessions&readPreference=nearest&readPreferenceTags=dc:b&w=3&appName=${appName}`];
      },
      around: async (work) => {
        const before = await members.reads(appName);
        await work();
        const now = await members.reads(appName);
        // A read that is late, as on a busy machine, is sent once more.
        assert.deepEqual(now.map((reads, index) => Math.min(reads - before[index], 1)), [0, 1, 0]);
      }
    },
    concerns: {
      given: () => [`mongodb://127.0.0.1:${proxy.port}/${DATABASE}`, { w: 1, journal: true, wtimeoutMS: 7000, readConcernLevel: 'local' }],
      around: async (work) => {
        proxy.honest();
        await work();
        const command = (name) => proxy.seen.find((request) => request.name === name).command;
        const { w, wtimeout, j } = command('update').writeConcern;
        assert.deepEqual([Number(w), Number(wtimeout), j], [1, 7000, true]);
        assert.deepEqual(command('find').readConcern, { level: 'local' });
      }
    }
  };

  for (const [who, { make, connect }] of Object.entries(APPLICATIONS)) {
    for (const way of ['new', 'connected']) {
      describe(`${who}, ${way}`, () => {
        for (const [what, { given, around = (work) => work() }] of Object.entries(CONFIGURATIONS)) {
          it(what, async () => {
            const client = make(...given());
            ends.push(() => client.close());
            if (way === 'connected') await connect(client);
            await around(async () => {
              const store = new MongoDBStore({ client, collection: 'sessions', createIndexes: false });
              store.on('error', () => {});
              ends.push(() => store.close());
              await store.initialConnectionPromise;
              await store.set(`${who} ${way}`, SESSION);
              assert.equal((await store.get(`${who} ${way}`)).user, 'Ada');
              assert.equal(store.db.databaseName, DATABASE);
            });
          });
        }
      });
    }
  }

  it('is refused where the client\'s account is', async () => {
    const client = new mongodb.MongoClient(onLocked('new:wrong@', '?authSource=admin'));
    ends.push(() => client.close());
    const store = new MongoDBStore({ client, collection: 'sessions', createIndexes: false });
    store.on('error', () => {});
    ends.push(() => store.close());
    await assert.rejects(store.initialConnectionPromise, /Authentication failed/);
  });
});
