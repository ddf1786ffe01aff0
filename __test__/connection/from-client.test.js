'use strict';

const assert = require('node:assert/strict');
const { parse } = require('../../lib/connection');
const { bsonOptionsFromClient, clientOf, recordsOfClient, settingsFromClient } = require('../../lib/connection/from-client');

/** The `mongodb` packages that an application may have. */
const DRIVERS = { 4: 'mongodb4', 5: 'mongodb5', 6: 'mongodb', 7: 'mongodb7' };
const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';

/** Connection strings and options that mean the same to a driver's client and to a store. */
const CONFIGURATIONS = {
  'no more than an address': ['mongodb://127.0.0.1:27017/app'],
  'hosts of a replica set': ['mongodb://a:1,b:2/app?replicaSet=rs'],
  'an IPv6 address': ['mongodb://[::1]:4/app?directConnection=true'],
  'a socket': ['mongodb://%2Ftmp%2Fmongodb-27017.sock/app'],
  'a load balancer': ['mongodb://a/app?loadBalanced=true'],
  'a password with /:@%': ['mongodb://us%40er:p%2F%3A%40%25@a/app'],
  'SCRAM-SHA-1': ['mongodb://u:p@a/app?authMechanism=SCRAM-SHA-1'],
  'SCRAM-SHA-256 and authSource': ['mongodb://u:p@a/app?authMechanism=SCRAM-SHA-256&authSource=users'],
  auth: ['mongodb://a/app', { auth: { username: 'u', password: '/:@%' }, authSource: 'users' }],
  'TLS by URI': ['mongodb://a/app?tls=true'],
  'TLS by options, with authorities in Buffers': ['mongodb://a/app', { tls: true, ca: [Buffer.from(PEM), Buffer.from(PEM)] }],
  'certificates of a client': ['mongodb://a/app', { tls: true, ca: PEM, cert: PEM, key: PEM, passphrase: 'secret' }],
  'X.509': ['mongodb://a/app?authMechanism=MONGODB-X509&tls=true', { cert: PEM, key: PEM }],
  'any certificate': ['mongodb://a/app?tls=true&tlsAllowInvalidCertificates=true'],
  'any name': ['mongodb://a/app?tls=true&tlsAllowInvalidHostnames=true'],
  tlsInsecure: ['mongodb://a/app?tls=true&tlsInsecure=true'],
  compressors: ['mongodb://a/app', { compressors: ['zlib', 'snappy'], zlibCompressionLevel: 3 }],
  'a read preference with tags': [
    'mongodb://a/app?replicaSet=rs&readPreference=secondary&readPreferenceTags=dc:ny,rack:1&readPreferenceTags=dc:la&maxStalenessSeconds=120'
  ],
  concerns: ['mongodb://a/app', { w: 'majority', wtimeoutMS: 500, journal: true, readConcernLevel: 'majority' }],
  'a write concern of one option': ['mongodb://a/app', { writeConcern: { w: 2, wtimeout: 7 } }],
  'the pool and times': [
    'mongodb://a/app',
    {
      maxPoolSize: 7, maxConnecting: 3, maxIdleTimeMS: 1000, waitQueueTimeoutMS: 2000, serverSelectionTimeoutMS: 3000,
      connectTimeoutMS: 4000, socketTimeoutMS: 5000, heartbeatFrequencyMS: 6000, localThresholdMS: 7
    }
  ],
  'no retries, a name and an API': [
    'mongodb://a/app', { retryReads: false, retryWrites: false, appName: 'shop', serverApi: { version: '1', strict: true } }
  ],
  'a proxy': ['mongodb://a/app?proxyHost=p&proxyPort=1081&proxyUsername=u&proxyPassword=s'],
  'an SRV name': ['mongodb+srv://u:p@db.example.com/app'],
  'an SRV name without TLS, with a source': ['mongodb+srv://u:p@db.example.com/app?tls=false&authSource=users'],
  'an SRV name with a service and a limit': ['mongodb+srv://u:p@db.example.com/app?srvServiceName=shop&srvMaxHosts=2'],
  'an SRV name with X.509': ['mongodb+srv://db.example.com/app?authMechanism=MONGODB-X509']
};

describe('The settings of an application\'s client', () => {
  for (const [version, name] of Object.entries(DRIVERS)) {
    const { MongoClient } = require(name);
    const settingsOf = (...given) => settingsFromClient(new MongoClient(...given));
    /** The client as it is when it has found these hosts in DNS. */
    const withHosts = (client, hosts) => {
      client.options.hosts.push(...new MongoClient(`mongodb://${hosts}`).options.hosts);
      return client;
    };

    describe(`of driver ${version}`, () => {
      for (const [what, [uri, options]] of Object.entries(CONFIGURATIONS)) {
        it(`are those of the same connection string and options: ${what}`, () => {
          assert.deepEqual(settingsOf(uri, options), parse(uri, options));
        });
      }

      it('have the name that the application gave its library', () => {
        const driverInfo = { name: 'shop', version: '1' };
        assert.deepEqual(settingsOf('mongodb://a/app', { driverInfo }), parse('mongodb://a/app', { driverInfo }));
      });

      it('leave out how many connections are kept open, and how the application reads', () => {
        const options = { minPoolSize: 5, promoteLongs: false, promoteValues: false, raw: true, bsonRegExp: true, pkFactory: { createPk: () => 1 } };
        assert.deepEqual(settingsOf('mongodb://a/app', options), parse('mongodb://a/app'));
        assert.deepEqual(bsonOptionsFromClient(new MongoClient('mongodb://a/app', options)), {});
      });

      it('tell what changes what is stored', () => {
        const options = { ignoreUndefined: true, serializeFunctions: true, checkKeys: false, promoteValues: false };
        assert.deepEqual(bsonOptionsFromClient(new MongoClient('mongodb://a/app', options)), { ignoreUndefined: true, serializeFunctions: true });
      });

      it('have the database of the client, or test', () => {
        assert.equal(clientOf(new MongoClient('mongodb://a/app')).databaseName, 'app');
        assert.equal(clientOf(new MongoClient('mongodb://a/app', { dbName: 'other' })).databaseName, 'other');
        assert.equal(clientOf(new MongoClient('mongodb://a/')).databaseName, 'test');
      });

      it('are refused with a check of certificates of the application\'s own, and never weakened', () => {
        const checks = [
          (host, { fingerprint256 }) => (fingerprint256 === 'AB' ? undefined : new Error('another')),
          (...all) => (all[1].fingerprint256 === 'AB' ? undefined : new Error('another')),
          () => {
            throw new Error('no');
          }
        ];
        for (const checkServerIdentity of checks) {
          assert.throws(() => settingsOf('mongodb://a/app?tls=true', { checkServerIdentity }), /^\w+: client: .*checkServerIdentity/s);
        }
      });

      it('go with what the client has found in DNS', () => {
        const client = new MongoClient('mongodb+srv://u:p@db.example.com/app?replicaSet=rs');
        assert.equal(recordsOfClient(client), undefined);
        assert.deepEqual(recordsOfClient(withHosts(client, 'one.example.com:1,two.example.com:2')), {
          hosts: [{ host: 'one.example.com', port: 1 }, { host: 'two.example.com', port: 2 }], authSource: 'app', replicaSet: 'rs'
        });
        const balanced = withHosts(new MongoClient('mongodb+srv://db.example.com/app?loadBalanced=true'), 'one.example.com:1');
        assert.deepEqual(recordsOfClient(balanced), { hosts: [{ host: 'one.example.com', port: 1 }], loadBalanced: true });
        assert.equal(recordsOfClient(new MongoClient('mongodb://a/app')), undefined);
      });

      it('have the source of a client that has asked DNS, whose TXT record named it', () => {
        const client = withHosts(new MongoClient('mongodb+srv://u:p@db.example.com/app'), 'one.example.com:1');
        const { credential } = settingsFromClient(client);
        assert.deepEqual([credential.source, credential.sourceWithoutDns], ['app', undefined]);
      });
    });
  }

  it('are refused with automatic encryption, which the store has not', () => {
    const { MongoClient } = require('mongodb');
    const client = new MongoClient('mongodb://a/app');
    const encrypting = { db: client.db, options: { ...client.options, autoEncryption: { keyVaultNamespace: 'a.b' } } };
    assert.throws(() => settingsFromClient(encrypting), { name: 'MongoCompatibilityError', message: /^client: option autoEncryption is not supported/ });
  });

  it('show no password where they are refused', () => {
    const { MongoClient } = require('mongodb');
    const client = new MongoClient('mongodb://user:hunter2@a/app', { localAddress: '127.0.0.1' });
    assert.throws(() => settingsFromClient(client), (error) => {
      assert.match(error.message, /^client: option localAddress/);
      assert.doesNotMatch(require('node:util').inspect(error), /hunter2/);
      return true;
    });
  });
});

describe('The option client', () => {
  const { MongoClient } = require('mongodb');

  it('takes a promise of a client', async () => {
    const client = new MongoClient('mongodb://a/app');
    assert.deepEqual(await clientOf(Promise.resolve(client)), { client, databaseName: 'app' });
  });

  for (const [what, value] of Object.entries({
    'a string': 'mongodb://a/', null: null, 'a function': () => {}, 'an object': {}, 'an array': [],
    'a database': new MongoClient('mongodb://a/').db(), 'a client of driver 3': { db() {}, s: { options: {} } }
  })) {
    it(`refuses ${what}, and says what it takes`, () => {
      assert.throws(() => clientOf(value), { name: 'TypeError', message: /^client must be a MongoClient of the mongodb package 4 to 7, a mongoose.*; got / });
    });
  }

  for (const version of [6, 7, 8, 9]) {
    it(`takes Mongoose ${version} and its connections, before and while they connect`, async () => {
      const { Mongoose } = require(version === 8 ? 'mongoose' : `mongoose${version}`);
      const mongoose = new Mongoose();
      const early = clientOf(mongoose);
      assert.ok(early instanceof Promise);
      // Nothing listens there: the client is made nevertheless.
      const connecting = mongoose.connect('mongodb://127.0.0.1:1/app', { serverSelectionTimeoutMS: 1, dbName: 'other' }).catch(() => {});
      const { client, databaseName } = await early;
      assert.equal(client, mongoose.connection.getClient());
      assert.equal(databaseName, 'other');
      assert.deepEqual(await clientOf(mongoose.connection), { client, databaseName });
      assert.deepEqual(settingsFromClient(client).hosts, [{ host: '127.0.0.1', port: 1 }]);
      await connecting;
      await mongoose.disconnect();
    });
  }
});
