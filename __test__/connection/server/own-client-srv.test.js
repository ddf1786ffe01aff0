'use strict';

/** Stores with the option `client`, a client of `mongodb+srv` that has asked DNS, where DNS does not answer the store. */

const assert = require('node:assert/strict');
const mongodb = require('mongodb');
const { useCertificates } = require('../../support/certificates');
const { useServer } = require('../../support/connections');
const { Remote, useNameServer } = require('../../support/dns');
const { LoadBalancer } = require('../../support/load-balancer');

const DRIVERS = { 4: 'mongodb4', 5: 'mongodb5', 6: 'mongodb', 7: 'mongodb7' };
const SRV = '_mongodb._tcp.cluster.shop.example';
const ACCOUNT = 'mongodb+srv://someone:of-a-tenant@cluster.shop.example/shop';
const PLAIN = 'mongodb+srv://cluster.shop.example/shop?tls=false';

const SOURCE = `
  let client;
  const Store = require('./index')(require('express-session'));
  const { plan } = require('./lib/connection/from-client');
  const calls = {
    async connect(driver, uri, options) {
      client = await new (require(driver).MongoClient)(uri, { serverSelectionTimeoutMS: 20_000, ...options }).connect();
    },
    /** What the store makes of the client. */
    records: () => plan(client).knownRecords(),
    async use() {
      const store = new Store({ client, collection: 'sessions', createIndexes: false });
      const errors = [];
      store.on('error', ({ message }) => errors.push(message));
      const early = store.set('early', { cookie: {}, user: 'early' });
      await store.initialConnectionPromise;
      await early;
      await store.set('late', { cookie: {}, user: 'late' });
      const users = [(await store.get('early')).user, (await store.get('late')).user];
      const names = (await client.db().collection('sessions').find().toArray()).map(({ _id }) => _id);
      await store.close();
      return { users, names, errors };
    },
    end: () => client.close()
  };
`;

describe('A store with an application\'s client of mongodb+srv, where DNS fails since', function suite() {
  this.timeout(120_000);
  const names = useNameServer();
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.issue('server', { authority: 'ca', names: ['DNS:db.shop.example', 'IP:127.0.0.1'] });
  });
  const set = useServer({ replicaSet: 'sessions', members: 1 });
  const encrypted = useServer(() => ({
    args: [
      '--auth', '--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', certificates.file('server.pem'),
      '--tlsCAFile', certificates.file('ca.crt'), '--tlsAllowConnectionsWithoutCertificates'
    ]
  }));
  const ends = [];

  before('make a user', async () => {
    const trust = { tls: true, tlsCAFile: certificates.file('ca.crt') };
    const uri = `mongodb://127.0.0.1:${encrypted.port}/`;
    // The one connection without a user that a new server lets do this.
    const first = await mongodb.MongoClient.connect(uri, { ...trust, maxPoolSize: 1 });
    await first.db('admin').command({ createUser: 'admin', pwd: 'of all', roles: ['root'] });
    await first.close();
    const admin = await mongodb.MongoClient.connect(uri, { ...trust, auth: { username: 'admin', password: 'of all' } });
    await admin.db('tenants').command({ createUser: 'someone', pwd: 'of-a-tenant', roles: [{ role: 'readWriteAnyDatabase', db: 'admin' }] });
    await admin.close();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  function name(port, text) {
    names.table = {
      'cluster.shop.example': text === undefined ? {} : { TXT: [[text]] },
      [SRV]: { SRV: [{ name: 'db.shop.example', port }] },
      'db.shop.example': { A: ['127.0.0.1'] }
    };
  }

  const FAILURES = {
    'answers with a failure': () => {
      names.table[SRV] = { failing: ['SRV'] };
      names.table['cluster.shop.example'] = { failing: ['TXT'] };
    },
    'does not know the name any more': () => {
      delete names.table[SRV];
      delete names.table['cluster.shop.example'];
    }
  };

  /** A client that is connected, of which a store is made once DNS fails. */
  async function withoutDns(driver, uri, options, fail = FAILURES['answers with a failure']) {
    const process = new Remote(names.address, SOURCE);
    ends.push(() => process.end());
    await process.call('connect', driver, uri, options);
    fail();
    const records = await process.call('records');
    const used = await process.call('use');
    assert.deepEqual(used, { users: ['early', 'late'], names: ['early', 'late'], errors: [] });
    await process.call('end');
    return records;
  }

  for (const [version, driver] of Object.entries(DRIVERS)) {
    describe(`of driver ${version}`, () => {
      for (const [what, fail] of Object.entries(FAILURES)) {
        it(`connects to the hosts that the client has found, with TLS and the TXT record's authSource: DNS ${what}`, async () => {
          name(encrypted.port, 'authSource=tenants');
          const records = await withoutDns(driver, ACCOUNT, { tlsCAFile: certificates.file('ca.crt') }, fail);
          assert.deepEqual(records, { hosts: [{ host: 'db.shop.example', port: encrypted.port }], authSource: 'tenants' });
        });
      }

      it('is of the TXT record\'s replica set', async () => {
        name(set.ports[0], 'replicaSet=sessions');
        const { hosts, replicaSet } = await withoutDns(driver, PLAIN);
        assert.deepEqual({ hosts, replicaSet }, { hosts: [{ host: 'db.shop.example', port: set.ports[0] }], replicaSet: 'sessions' });
      });

      it('goes through the TXT record\'s load balancer', async () => {
        const balancer = await new LoadBalancer(set.ports[0]).open();
        ends.push(() => balancer.close());
        name(balancer.port, 'loadBalanced=true');
        assert.equal((await withoutDns(driver, PLAIN)).loadBalanced, true);
      });
    });
  }

  it('a client that has found no hosts either is told of as DNS puts it', async () => {
    names.table = { [SRV]: { failing: ['SRV'] }, 'cluster.shop.example': {} };
    const process = new Remote(names.address, `
      const { MongoClient } = require('mongodb');
      const Store = require('./index')(require('express-session'));
      const calls = {
        async use(uri) {
          const store = new Store({ client: new MongoClient(uri), collection: 'sessions' });
          store.on('error', () => {});
          const { message } = await store.initialConnectionPromise.then(() => ({}), (error) => error);
          return message;
        }
      };
    `);
    ends.push(() => process.end());
    assert.match(await process.call('use', PLAIN), new RegExp(`querySrv ESERVFAIL ${SRV.replaceAll('.', '\\.')}`));
  });
});
