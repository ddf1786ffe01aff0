'use strict';

const assert = require('node:assert/strict');
const mongodb = require('mongodb');
const { useCertificates } = require('../../support/certificates');
const { useServer } = require('../../support/connections');
const { runWithNameServer, useNameServer } = require('../../support/dns');

/** How long a refusal takes, in a process that has to start; long enough for a busy machine. */
const SHORT = { serverSelectionTimeoutMS: 2000 };
const PLAIN = { ...SHORT, tls: false };
/** Nobody who answers is waited for that long, nor is an operation. */
const PATIENT = { serverSelectionTimeoutMS: 20_000 };

/** In the process: connects both drivers, and prints who they are to the server or what went wrong. */
const SCRIPT = `
  const classes = { theirs: require('mongodb').MongoClient, ours: require('./lib/entries/driver').MongoClient };
  const connect = async (MongoClient, uri, options) => {
    const started = Date.now();
    const client = new MongoClient(uri, options);
    try {
      await client.connect();
      const db = client.db();
      const { authInfo } = await db.command({ connectionStatus: 1 });
      const { setName } = await db.command({ hello: 1 });
      await db.collection('sessions').findOne({ _id: 'any' });
      return { database: db.databaseName, users: authInfo.authenticatedUsers, setName };
    } catch ({ name, code, message }) {
      return { error: { name, code, message }, took: Date.now() - started };
    } finally {
      await client.close();
    }
  };
  Promise.all(who.map(async (name) => [name, await connect(classes[name], uri, options)]))
    .then((entries) => console.log(JSON.stringify(Object.fromEntries(entries))));
`;

describe('mongodb+srv', () => {
  const names = useNameServer();
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.issue('server', { authority: 'ca', names: ['DNS:db.shop.example', 'IP:127.0.0.1'] });
  });
  beforeEach(() => (names.asked.length = 0));

  const set = useServer({ replicaSet: 'sessions', members: 1 });
  const locked = useServer({ args: ['--auth'] });
  const encrypted = useServer(() => ({
    args: [
      '--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', certificates.file('server.pem'),
      '--tlsCAFile', certificates.file('ca.crt'), '--tlsAllowConnectionsWithoutCertificates'
    ]
  }));

  before('make a user', async () => {
    // The one connection without a user that a new server lets do this.
    const first = await mongodb.MongoClient.connect(locked.uri, { maxPoolSize: 1 });
    await first.db('admin').command({ createUser: 'someone', pwd: 'pass', roles: ['root'] });
    await first.close();
    const admin = await mongodb.MongoClient.connect(locked.uri, { auth: { username: 'someone', password: 'pass' } });
    const roles = [{ role: 'readWriteAnyDatabase', db: 'admin' }];
    for (const database of ['tenants', 'shop']) {
      await admin.db(database).command({ createUser: 'someone', pwd: `pass-${database}`, roles });
    }
    await admin.close();
  });

  const portOf = (server) => server.port ?? server.ports[0];
  /** The records of `cluster.shop.example`. */
  const records = (servers, { txt, service = 'mongodb', target = 'db.shop.example' } = {}) => {
    names.table = {
      'cluster.shop.example': txt === undefined ? {} : { TXT: [].concat(txt).map((text) => [text]) },
      [`_${service}._tcp.cluster.shop.example`]: { SRV: servers.map((port) => ({ name: target, port })) },
      [target]: { A: ['127.0.0.1'] }
    };
  };
  const ask = async (uri, options = PLAIN, who = ['ours', 'theirs'], nameserver = names.address) => {
    const head = `const [uri, options, who] = ${JSON.stringify([uri, options, who])};`;
    return JSON.parse(await runWithNameServer(nameserver, `${head}${SCRIPT}`));
  };
  const alike = async (uri, options = PLAIN) => {
    const { ours, theirs } = await ask(uri, { ...options, ...PATIENT });
    assert.equal(ours.error?.message, undefined);
    assert.deepEqual(ours, theirs);
    return ours;
  };
  const refusedAlike = async (...args) => {
    const { ours, theirs } = await ask(...args);
    assert.ok(theirs.error, 'the Node driver connects');
    assert.ok(ours.error, 'this package connects');
    assert.deepEqual([ours.error.name, ours.error.code], [theirs.error.name, theirs.error.code], `${ours.error.message} | ${theirs.error.message}`);
    return { ours, theirs };
  };
  const URI = 'mongodb+srv://cluster.shop.example/';

  it('finds the host and port that DNS names', async () => {
    records([portOf(set)]);
    assert.equal((await alike(URI)).database, 'test');
    assert.ok(names.asked.includes('SRV _mongodb._tcp.cluster.shop.example'), names.asked.join());
  });

  it('takes the database of the URI', async () => {
    records([portOf(set)]);
    assert.equal((await alike(`${URI}shop`)).database, 'shop');
  });

  it('takes an IPv6 address of the host as well', async () => {
    records([portOf(set)]);
    names.table['db.shop.example'] = { A: ['127.0.0.1'], AAAA: ['::1'] };
    await alike(URI);
  });

  describe('TLS', () => {
    it('is on by default', async () => {
      records([encrypted.port]);
      await alike(URI, { ...SHORT, tlsCAFile: certificates.file('ca.crt') });
    });

    it('is asked of a server that has none, which is an error', async () => {
      records([portOf(set)]);
      await refusedAlike(URI, SHORT);
    });

    it('is off with tls=false, and with ssl=false in the URI', async () => {
      records([portOf(set)]);
      await alike(`${URI}?tls=false`, SHORT);
      await alike(`${URI}?ssl=false`, SHORT);
    });
  });

  describe('the TXT record', () => {
    it('names the replica set', async () => {
      records([portOf(set)], { txt: 'replicaSet=sessions' });
      assert.equal((await alike(URI)).setName, 'sessions');
      records([portOf(set)], { txt: 'replicaSet=other' });
      await refusedAlike(URI);
    });

    it('does not win over replicaSet of the URI or of connectionOptions', async () => {
      records([portOf(set)], { txt: 'replicaSet=other' });
      await alike(`${URI}?replicaSet=sessions`);
      await alike(URI, { ...PLAIN, replicaSet: 'sessions' });
    });

    const account = (password, rest = '') => `mongodb+srv://someone:${password}@cluster.shop.example/${rest}`;
    const user = (db) => [{ user: 'someone', db }];

    it('names the database with the user', async () => {
      records([locked.port], { txt: 'authSource=tenants' });
      assert.deepEqual((await alike(account('pass-tenants'))).users, user('tenants'));
    });

    it('wins over the database of the URI', async () => {
      records([locked.port], { txt: 'authSource=tenants' });
      assert.deepEqual((await alike(account('pass-tenants', 'shop'))).users, user('tenants'));
    });

    it('does not win over authSource of the URI or of connectionOptions', async () => {
      records([locked.port], { txt: 'authSource=tenants' });
      assert.deepEqual((await alike(account('pass', '?authSource=admin'))).users, user('admin'));
      assert.deepEqual((await alike(account('pass'), { ...PLAIN, authSource: 'admin' })).users, user('admin'));
    });

    it('leaves the database of the URI, or admin, when it is not there', async () => {
      records([locked.port]);
      assert.deepEqual((await alike(account('pass-shop', 'shop'))).users, user('shop'));
      assert.deepEqual((await alike(account('pass'))).users, user('admin'));
    });

    it('may be in several parts', async () => {
      records([portOf(set)]);
      names.table['cluster.shop.example'] = { TXT: [['replicaSet=', 'sessions']] };
      assert.equal((await alike(URI)).setName, 'sessions');
    });

    it('may not hold other options', async () => {
      records([portOf(set)], { txt: 'tls=false' });
      const { ours, theirs } = await refusedAlike(URI);
      assert.equal(ours.error.name, 'MongoParseError');
      assert.equal(ours.error.message, theirs.error.message);
    });

    it('may be there once', async () => {
      records([portOf(set)], { txt: ['replicaSet=sessions', 'authSource=admin'] });
      const { ours, theirs } = await refusedAlike(URI);
      assert.equal(ours.error.message, theirs.error.message);
    });
  });

  it('asks for srvServiceName', async () => {
    records([portOf(set)], { service: 'shopping' });
    await alike(URI, { ...PLAIN, srvServiceName: 'shopping' });
    await alike(`${URI}?srvServiceName=shopping`);
    await refusedAlike(URI);
  });

  describe('srvMaxHosts', function srvMaxHosts() {
    this.timeout(60_000);
    const hosts = ['a', 'b', 'c', 'd'].map((name) => `${name}.shop.example`);
    /** Which hosts a driver looked up, of four where nobody listens. */
    const tried = async (who, uri, options) => {
      names.asked.length = 0;
      names.table = {
        'cluster.shop.example': {},
        '_mongodb._tcp.cluster.shop.example': { SRV: hosts.map((name) => ({ name, port: 1 })) },
        ...Object.fromEntries(hosts.map((name) => [name, { A: ['127.0.0.1'] }]))
      };
      const { [who]: { error } } = await ask(uri, { ...PLAIN, serverSelectionTimeoutMS: 1000, ...options }, [who]);
      assert.equal(error.name, 'MongoServerSelectionError', error.message);
      return hosts.filter((name) => names.asked.includes(`A ${name}`)).length;
    };

    for (const who of ['ours', 'theirs']) {
      it(`is how many of the hosts are used, ${who === 'ours' ? 'here' : 'in the Node driver'}`, async () => {
        assert.equal(await tried(who, URI, { srvMaxHosts: 1 }), 1);
        assert.equal(await tried(who, `${URI}?srvMaxHosts=3`), 3);
        assert.equal(await tried(who, URI, { srvMaxHosts: 0 }), 4);
        assert.equal(await tried(who, `${URI}?srvMaxHosts=7`), 4);
      });
    }
  });

  it('may not be combined with a replica set of the TXT record when srvMaxHosts is given', async () => {
    records([portOf(set)], { txt: 'replicaSet=sessions' });
    await refusedAlike(URI, { ...PLAIN, srvMaxHosts: 1 });
  });

  it('takes no host of another domain', async () => {
    records([portOf(set)], { target: 'db.other.example' });
    const { ours, theirs } = await refusedAlike(URI);
    assert.equal(ours.error.message, theirs.error.message);
  });

  it('says which record there is not', async () => {
    names.table = {};
    const { ours, theirs } = await refusedAlike(URI);
    assert.equal(ours.error.message, theirs.error.message);
    assert.match(ours.error.message, /_mongodb\._tcp\.cluster\.shop\.example/);
  });

  // The Node driver waits for its name service as long as that likes: half a minute and more.
  for (const [what, nameserver] of [['the name server does not answer', undefined], ['there is no name server', '127.77.255.254']]) {
    it(`ends within bounds when ${what}`, async () => {
      names.table = { 'cluster.shop.example': null, '_mongodb._tcp.cluster.shop.example': null };
      const { ours } = await ask(URI, PLAIN, ['ours'], nameserver);
      assert.equal(ours.error.name, 'Error');
      assert.match(ours.error.code, /^(ETIMEOUT|ECONNREFUSED)$/);
      assert.equal(ours.error.message, `querySrv ${ours.error.code} _mongodb._tcp.cluster.shop.example`);
      assert.ok(ours.took < 15_000, `${ours.took} ms`);
    });
  }
});
