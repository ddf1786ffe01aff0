'use strict';

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const mongodb = require('mongodb');
const { failure, useConnections, useServer } = require('../../support/connections');
const { eventually } = require('../../support/stores');
const { WireProxy } = require('../../support/wire-proxy');

const RESERVED = 'p@ss:w/o?r#d[1]%&=+ ü€';
const ADMIN = { user: 'admin', pwd: 'of all' };
const USERS = [
  { user: 'old', pwd: 'secret-old', mechanisms: ['SCRAM-SHA-1'] },
  { user: 'new', pwd: 'secret-new', mechanisms: ['SCRAM-SHA-256'] },
  { user: 'both', pwd: 'secret-both', mechanisms: ['SCRAM-SHA-1', 'SCRAM-SHA-256'] },
  { user: 'm@r:k/', pwd: RESERVED, mechanisms: ['SCRAM-SHA-1', 'SCRAM-SHA-256'] }
];

describe('authentication', () => {
  const server = useServer({ args: ['--auth'] });
  const connections = useConnections();

  const uri = (user, { database = '', query = '' } = {}) => {
    const { pwd } = USERS.find((one) => one.user === user);
    return `mongodb://${encodeURIComponent(user)}:${encodeURIComponent(pwd)}@127.0.0.1:${server.port}/${database}${query}`;
  };
  const bare = (rest = '') => `${server.uri}/${rest}`;
  const whoAmI = async (store) => {
    const { authInfo } = await store.client.db('admin').command({ connectionStatus: 1 });
    return authInfo.authenticatedUsers;
  };

  before('make users', async () => {
    // The one connection without a user that a new server lets do this.
    const first = await mongodb.MongoClient.connect(server.uri, { maxPoolSize: 1 });
    await first.db('admin').command({ createUser: ADMIN.user, pwd: ADMIN.pwd, roles: ['root'] });
    await first.close();
    const admin = await mongodb.MongoClient.connect(server.uri, { auth: { username: ADMIN.user, password: ADMIN.pwd } });
    const roles = [{ role: 'readWriteAnyDatabase', db: 'admin' }];
    for (const { user, ...rest } of USERS) await admin.db('admin').command({ createUser: user, ...rest, roles });
    await admin.db('tenants').command({ createUser: 'both', pwd: 'secret-tenant', roles: ['readWrite'] });
    await admin.db('tenants').command({ createUser: 'guest', pwd: 'secret-guest', roles: [{ role: 'read', db: 'tenants' }, { role: 'readAnyDatabase', db: 'admin' }] });
    await admin.close();
  });

  it('is needed on this server', async () => {
    const error = await failure(connections.store(bare()));
    assert.match(error.message, /^Error creating index: command createIndexes requires authentication/);
    assert.equal(error.cause.code, 13);
    assert.equal(error.cause.codeName, 'Unauthorized');
  });

  it('does without the right to make indexes where it is not to make them', async () => {
    const args = [bare('tenants'), { auth: { username: 'guest', password: 'secret-guest' }, authSource: 'tenants' }];
    const refused = await failure(connections.store(...args));
    assert.match(refused.message, /^Error creating index: not authorized on \S+ to execute command { createIndexes: /);
    const store = await connections.store(...args, { createIndexes: false });
    assert.equal(await store.get('nobody'), undefined);
  });

  for (const [user, mechanism] of [['old', 'SCRAM-SHA-1'], ['new', 'SCRAM-SHA-256']]) {
    it(`works with ${mechanism} as authMechanism`, async () => {
      const fromUri = await connections.works(uri(user, { query: `?authMechanism=${mechanism}` }));
      assert.deepEqual(await whoAmI(fromUri), [{ user, db: 'admin' }]);
      const fromOptions = await connections.works(uri(user), { authMechanism: mechanism });
      assert.deepEqual(await whoAmI(fromOptions), [{ user, db: 'admin' }]);
    });

    it(`finds out by itself that a user has ${mechanism} only`, async () => {
      assert.deepEqual(await whoAmI(await connections.works(uri(user))), [{ user, db: 'admin' }]);
    });
  }

  it('prefers SCRAM-SHA-256 where a user has both', async () => {
    await connections.works(uri('both'));
    const line = await eventually(() => server.log.find((text) => {
      return /Authentication succeeded|Successfully authenticated/.test(text) && text.includes('"both"');
    }));
    assert.equal(JSON.parse(line).attr.mechanism, 'SCRAM-SHA-256');
  });

  it('takes the auth option, with every character a password can have', async () => {
    const { user, pwd } = USERS[3];
    const store = await connections.works(bare(), { auth: { username: user, password: pwd } });
    assert.deepEqual(await whoAmI(store), [{ user, db: 'admin' }]);
  });

  it('lets the auth option win over the URI', async () => {
    const store = await connections.works(uri('new'), { auth: { username: 'old', password: 'secret-old' } });
    assert.deepEqual(await whoAmI(store), [{ user: 'old', db: 'admin' }]);
  });

  it('decodes percent-encoded names and passwords in the URI', async () => {
    assert.deepEqual(await whoAmI(await connections.works(uri('m@r:k/'))), [{ user: 'm@r:k/', db: 'admin' }]);
  });

  describe('looks the user up in', () => {
    const tenant = [{ user: 'both', db: 'tenants' }];

    it('the database of the URI', async () => {
      const store = await connections.works(`mongodb://both:secret-tenant@127.0.0.1:${server.port}/tenants`);
      assert.deepEqual(await whoAmI(store), tenant);
    });

    it('authSource of the URI rather than its database', async () => {
      const store = await connections.works(uri('both', { database: 'tenants', query: '?authSource=admin' }));
      assert.deepEqual(await whoAmI(store), [{ user: 'both', db: 'admin' }]);
    });

    it('authSource of connectionOptions rather than the URI\'s', async () => {
      const store = await connections.works(
        `mongodb://both:secret-tenant@127.0.0.1:${server.port}/tenants?authSource=admin`,
        { authSource: 'tenants' }
      );
      assert.deepEqual(await whoAmI(store), tenant);
    });
  });

  describe('refused', () => {
    const marked = 'marked-secret-7';
    const cases = {
      'a wrong password': () => [bare(), { auth: { username: 'both', password: marked } }],
      'a wrong password with SCRAM-SHA-1': () => [`mongodb://old:${marked}@127.0.0.1:${server.port}/?authMechanism=SCRAM-SHA-1`],
      'a wrong password with SCRAM-SHA-256': () => [`mongodb://new:${marked}@127.0.0.1:${server.port}/?authMechanism=SCRAM-SHA-256`],
      'a user there is not': () => [`mongodb://nobody:${marked}@127.0.0.1:${server.port}`],
      'a mechanism the user does not have': () => [uri('new', { query: '?authMechanism=SCRAM-SHA-1' })],
      'a user of another database': () => [uri('new', { query: '?authSource=elsewhere' })],
      'a server without PLAIN': () => [bare('?authMechanism=PLAIN&authSource=$external'), { auth: { username: 'x', password: marked } }]
    };
    for (const [title, arrange] of Object.entries(cases)) {
      it(`${title}, with the Node driver's error`, async () => {
        const args = arrange();
        const [ours, theirs] = await Promise.all([connections.refused(...args), connections.nodeRefused(...args)]);
        const shape = ({ name, message, code, codeName, errorLabels }) => ({ name, message, code, codeName, labels: [...errorLabels].sort() });
        assert.deepEqual(shape(ours), shape(theirs));
        const shown = `${ours.stack} ${inspect(ours, { depth: 9, showHidden: true })}`;
        assert.ok(!shown.includes(marked) && !shown.includes('secret-new'), 'the password is shown');
      });
    }
  });

  it('a wrong password has the code that the server gives, such as that of Atlas', async () => {
    const proxy = await new WireProxy(server.port).open();
    try {
      const refusal = { ok: 0, code: 8000, codeName: 'AtlasError', errmsg: 'bad auth : authentication failed' };
      // The refusal answers whatever a login sends after the greeting.
      proxy.retell = ({ name }) => (/^sasl/.test(name) ? refusal : undefined);
      const args = [`mongodb://127.0.0.1:${proxy.port}/?directConnection=true`, { auth: { username: 'new', password: 'wrong' } }];
      const [ours, theirs] = await Promise.all([connections.refused(...args), connections.nodeRefused(...args)]);
      const shape = ({ name, message, code, codeName }) => ({ name, message, code, codeName });
      assert.deepEqual(shape(ours), shape(theirs));
      assert.deepEqual([ours.code, ours.codeName, ours.message], [8000, 'AtlasError', 'bad auth : authentication failed']);
    } finally {
      await proxy.close();
    }
  });
});
