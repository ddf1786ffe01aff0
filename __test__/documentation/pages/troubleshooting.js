'use strict';

/** Runs every code block of docs/troubleshooting.md, and has every message of this package that it names produced. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const vm = require('node:vm');
const bson5 = require('bson5');
const bson7 = require('bson7');
const express = require('express');
const session = require('express-session');
const sinon = require('sinon');
const application = require('../../../lib/application');
const { missingAddon } = require('../../../lib/native/missing');
const { useCertificates } = require('../../support/certificates');
const { runScript } = require('../../support/child');
const { serve } = require('../../support/http');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');
const { withMetadata } = require('../../support/metadata');
const { useStores } = require('../../support/stores');

const PAGE = 'docs/troubleshooting.md';
const HERE = '__test__/documentation/pages/troubleshooting.js';
const SERVER = '__test__/connection/server';
const page = new Page(PAGE);
const text = fs.readFileSync(path.join(ROOT, PAGE), 'utf8');
const MongoDBStore = require(ROOT)(session);

/**
 * Of each heading that is a message: the words of it, and the test that has it produced, where those words stand (or
 * what stands there for them, where they are a pattern).
 */
const MESSAGES = [
  ['is not installed', HERE],
  ['is a native addon, and this process may not load any (ERR_DLOPEN_DISABLED)', HERE],
  ['does not load: ', '__test__/loading/missing.test.js', 'does not load'],
  ['BSONVersionError', HERE],
  ['Unsupported BSON version', HERE],
  ['Error connecting to db: connect ECONNREFUSED', HERE],
  ['(the address is the default, because ', HERE],
  ['getaddrinfo ENOTFOUND', `${SERVER}/addresses.test.js`, 'getaddrinfo (ENOTFOUND|'],
  ['querySrv ENOTFOUND', `${SERVER}/dns.test.js`],
  ['Server selection timed out', 'src/failures.rs'],
  ['16500', '__test__/bad-weather/throttling.test.js'],
  ['TooManyRequests', '__test__/bad-weather/throttling.test.js'],
  ['MaxListenersExceededWarning', HERE],
  ['IP access list?', `${SERVER}/tls-advice.test.js`, 'IP access list'],
  ['does not speak TLS', `${SERVER}/tls-advice.test.js`],
  ['it speaks TLS only', `${SERVER}/tls-advice.test.js`],
  ['UnknownIssuer', `${SERVER}/node-tls.test.js`],
  ['not valid for name', `${SERVER}/hostnames.test.js`],
  ['no version or cipher of TLS in common', `${SERVER}/tls-advice.test.js`],
  ['Authentication failed', '__test__/events/connectivity.test.js'],
  ['Could not load credentials from any providers', HERE],
  ['no credentials from the EC2 endpoint', HERE, 'no credentials from the ${service} endpoint'],
  ['no credentials from the ECS endpoint', HERE, 'no credentials from the ${service} endpoint'],
  ['Could not obtain temporary MONGODB-AWS credentials', HERE],
  ['is in the replica set', `${SERVER}/set-name.test.js`],
  ['but replicaSet asks for', `${SERVER}/set-name.test.js`],
  ['to execute command { createIndexes: ', `${SERVER}/auth.test.js`],
  ['is in the way of the one that removes expired sessions', HERE],
  ['destroyWhere cannot look into sessions', HERE],
  ['cannot filter by "_id"', HERE],
  ['is unknown and has no effect', HERE],
  ['MongoDBStore connects to its default address', HERE],
  ['Sessions are read with readPreference=secondaryPreferred', HERE],
  ['has no effect: the middleware ', HERE],
  ["A session's cookie.expires is ", HERE],
  [' is a Set, whose content is not stored', HERE]
];

/** Headings that are no message of this package, but what somebody sees or asks. */
const SITUATIONS = [
  'Cannot find module, Realm is not a constructor, __dirname is not defined: in a bundle', 'The connection string is refused',
  'The process ends when the first connection fails', 'Requests hang for 30 seconds while MongoDB is away',
  'Memory and connections grow with every store', 'A private key on the disk, a read-only file system', 'MONGODB-AWS, MONGODB-OIDC, Kerberos',
  "Sessions are found slowly, or twice, with an idField of one's own", 'An error about `hint`', 'A sharded collection',
  'A user is logged in, redirected, and logged out again', 'A session ends at once', 'A value in a session is {}',
  'undefined is null, or a session is saved on every request', 'A session comes back after logout', "Parallel requests undo each other's changes",
  'all() gives documents, not sessions', 'A class that extends the store', 'Tests with fake timers', 'Types of @types/connect-mongodb-session',
  'Hot reload in development opens store after store', 'AWS Lambda', 'Idle connections are closed by a firewall or NAT', 'A SOCKS5 proxy',
  'Amazon DocumentDB', 'Azure Cosmos DB for MongoDB (RU)', 'Azure Cosmos DB for MongoDB vCore (Azure DocumentDB)', 'FerretDB'
];

/** Runs a block with what an application has around it; gives what `last` evaluates to. */
const run = (code, around, last = 'undefined') => vm.runInNewContext(`(async () => { ${code}; return ${last}; })()`, around);

describe(PAGE, () => {
  const stores = useStores();
  const certificates = useCertificates((make) => make.authority('ca'));

  it('the commands for another platform are those of the error, and npm takes them', () => {
    const commands = page.commands('--libc=musl');
    assert.equal(commands.length, 2);
    const { message } = missingAddon(new Error('not found'));
    const [told] = /npm install --os=\S+ --cpu=\S+/.exec(message) ?? ['npm install --os=linux --cpu=x64'];
    for (const command of commands) assert.equal(command.replace(/=[^ ]+/g, '').split(' --libc')[0], told.replace(/=\S+/g, ''));
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'platform-'));
    fs.writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
    for (const command of commands) {
      const { status, stderr } = spawnSync(`${command} --offline --dry-run`, { cwd: folder, shell: true, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    }
    fs.rmSync(folder, { recursive: true });
  });

  it('the commands for an index are those of the error, and mend it', async () => {
    const code = page.block('dropIndex');
    await stores.db.collection('sessions').createIndex({ expires: 1 }, { partialFilterExpression: { session: { $exists: true } } });
    const error = await stores.connected({ collection: 'sessions' }).then(() => assert.fail('it was mended'), (refused) => refused);
    for (const command of code.trim().split('\n')) assert.ok(error.message.includes(command.replace(/;$/, '')), error.message);
    const db = { getCollection: (name) => stores.db.collection(name) };
    for (const command of code.trim().split('\n')) await vm.runInNewContext(command, { db });
    await stores.connected({ collection: 'sessions' });
  });

  it('sharded: the key is one that indexes take, and that a store works with', async () => {
    const asked = [];
    vm.runInNewContext(page.block('shardCollection'), { sh: { shardCollection: (...what) => asked.push(what) } });
    const [[name, key]] = asked;
    assert.equal(name, 'my_app.sessions');
    await stores.db.collection('hashed').createIndex({ ...key });
    const store = await stores.connected({ collection: 'hashed' });
    await store.set('a', { cookie: {}, n: 1 });
    assert.equal((await store.get('a')).n, 1);
  });

  it('behind a proxy that ends TLS, the cookie is set', async () => {
    const store = await stores.connected();
    const app = await run(page.block('trust proxy'), { express, session, store }, 'app');
    app.get('/', (req, res) => {
      req.session.user = 'ada';
      res.end();
    });
    const server = await serve(app);
    try {
      const headers = { 'x-forwarded-proto': 'https' };
      const [secure, plain] = await Promise.all([fetch(server.url, { headers }), fetch(server.url)]);
      assert.match(secure.headers.get('set-cookie') ?? '', /Secure/);
      assert.equal(plain.headers.get('set-cookie'), null);
    } finally {
      await server.close();
    }
  });

  it('a duration is cookie.maxAge', async () => {
    const store = await stores.connected();
    const app = express();
    app.use(await run(page.block('const twoDays'), { session: (options) => session({ resave: false, saveUninitialized: false, ...options }), store }, 'twoDays'));
    app.get('/', (req, res) => {
      req.session.user = 'ada';
      res.end();
    });
    const server = await serve(app);
    await server.browser().get('/');
    await server.close();
    const [{ expires }] = await store.all();
    assert.ok(Math.abs(expires - Date.now() - 48 * 3600_000) < 60_000);
  });

  it('a Set and a URL are stored as what they hold', async () => {
    const store = await stores.connected();
    const req = { session: { cookie: {} } };
    await run(page.block('[...roles]'), { req, roles: new Set(['admin']), site: new URL('http://localhost/') });
    await store.set('a', req.session);
    const { roles, site } = await store.get('a');
    assert.deepEqual([roles, site], [['admin'], 'http://localhost/']);
  });

  it('everywhere logged out, with encrypted sessions and hashed ids', async () => {
    const store = await stores.connected({ crypto: { secret: Buffer.alloc(32, 7) }, hashIds: true });
    for (const id of ['a', 'b']) await store.set(id, { cookie: {} });
    const users = stores.db.collection('users');
    await users.insertOne({ name: 'ada', sessions: ['b'] });
    await run(page.block('$addToSet'), { store, users, req: { sessionID: 'a' } });
    assert.equal(await store.length(), 0);
  });

  it('sessions are read from the primary, and the application from where it wants', async () => {
    const code = page.block("readPreference: 'primary' // for sessions").replaceAll(/db-\d\.example\.com/g, '127.0.0.1:1');
    const store = await quietly(code);
    assert.equal(store.options.readPreference, 'primary');
    assert.equal(store.client.readPreference.mode, 'secondaryPreferred');
  });

  it('Amazon DocumentDB: the store is constructed with those options', async () => {
    const code = page.block('docdb.amazonaws').replace('my.cluster.docdb.amazonaws.com:27017', '127.0.0.1:1').replace("'global-bundle.pem'", 'authority');
    const { client, options } = await quietly(code, { authority: certificates.file('ca.crt') });
    assert.deepEqual([client.options.tls, client.options.retryWrites, options.readPreference], [true, false, 'primary']);
  });

  it('Azure Cosmos DB: the store is constructed with those options', async () => {
    const code = page.block("expiresKey: '_ts'").replace('cosmosdb-name.mongo.cosmos.azure.com:10255', '127.0.0.1:1');
    const { client, options } = await quietly(code);
    const { replicaSet, retryWrites, tls, maxIdleTimeMS, appName } = client.options;
    assert.deepEqual({ replicaSet, retryWrites, tls, maxIdleTimeMS, appName }, {
      replicaSet: 'globaldb', retryWrites: false, tls: true, maxIdleTimeMS: 120000, appName: '@cosmosdb-name@'
    });
    const days = 60 * 60 * 24;
    assert.deepEqual([options.expiresKey, options.expires / 1000, options.expiresAfterSeconds], ['_ts', 14 * days, 14 * days]);
  });

  /** A store that is constructed by a block, with a time after which its connection fails. */
  async function quietly(code, around) {
    class Quiet extends MongoDBStore {
      constructor(options) {
        super({ ...options, connectionOptions: { serverSelectionTimeoutMS: 1, ...options.connectionOptions } }, () => {});
      }
    }
    const store = await run(code, { MongoDBStore: Quiet, ...around }, 'store');
    await store.initialConnectionPromise;
    await store.close();
    return store;
  }

  it('hot reload: a module that runs again finds the store', async () => {
    const around = vm.createContext({ MongoDBStore, process: { env: { MONGODB_URI: stores.uri } } });
    const again = () => vm.runInContext(`(() => { ${page.block('globalThis.sessionStore')}; return store; })()`, around);
    const store = stores.track(again());
    assert.equal(again(), store);
  });

  describe('its messages', () => {
    /** What begins with these words is on the page. */
    const named = (...messages) => {
      for (const message of messages) assert.ok(text.includes(message), `the page has not: ${message}`);
    };

    it('are the words of its headings, each in a test; other headings are known to be none', () => {
      const headings = [...text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
      const left = headings.filter((heading) => !SITUATIONS.includes(heading) && !MESSAGES.some(([words]) => heading.includes(words.trim())));
      assert.deepEqual(left, [], 'headings without a test');
      assert.deepEqual(SITUATIONS.filter((situation) => !headings.includes(situation)), [], 'the page does not have them');
      for (const [words, file, there = words] of MESSAGES) {
        assert.ok(headings.some((heading) => heading.includes(words.trim())), `no heading has: ${words}`);
        // Of this file, what comes behind the lists.
        const source = fs.readFileSync(path.join(ROOT, file), 'utf8').split('\ndescribe(PAGE').at(-1);
        assert.ok(source.includes(there.trim()), `${file} has not: ${there}`);
      }
    });

    it('are those of bson and of Node.js', async () => {
      assert.throws(() => bson7.serialize({ id: new bson5.ObjectId() }), { name: 'BSONVersionError', message: /^Unsupported BSON version/ });
      const { stdout, stderr } = await runScript(`
        const session = require('express-session');
        const Store = require('./')(session);
        const store = new Store({ uri: ${JSON.stringify(stores.uri)}, degrade: true });
        process.on('warning', ({ name }) => console.log(name));
        for (let n = 0; n < 11; n++) session({ store, secret: 'a', resave: false, saveUninitialized: false });
        store.initialConnectionPromise.then(() => store.close());`);
      // One for each event.
      assert.equal(stdout, 'MaxListenersExceededWarning\n'.repeat(2), stderr);
    });

    it('are those of warnings, with their codes', async () => {
      const { stdout, stderr } = await runScript(`
        const said = [];
        process.on('warning', ({ code, message }) => said.push([code, message]));
        const Store = require('./')(require('express-session'));
        const Other = require('./')({ Store: require('events').EventEmitter });
        const connectionOptions = { serverSelectionTimeoutMS: 1000 };
        (async () => {
          const errors = [];
          for (const options of [{ uri: undefined }, { uri: 'mongodb://127.0.0.1:1/?readPreference=secondaryPreferred', colection: 'x' }]) {
            const store = new Store({ ...options, connectionOptions }, (error) => errors.push(error?.message));
            await store.initialConnectionPromise;
            await store.set('a', { cookie: { expires: 172800000 }, roles: new Set([1]) }).catch(() => {});
            await store.close();
          }
          const other = new Other({ uri: ${JSON.stringify(stores.uri)}, touchAfter: 60 });
          await other.set('a', { cookie: {} });
          await other.set('a', JSON.parse(JSON.stringify(await other.get('a'))));
          await other.close();
          console.log(JSON.stringify({ said, errors }));
        })();`, { env: { MONGODB_URI: '' }, timeoutMS: 60_000 });
      assert.notEqual(stdout, '', stderr);
      const { said, errors } = JSON.parse(stdout);
      const codes = said.map(([code]) => code).sort();
      assert.deepEqual(codes, [
        'MONGODB_STORE_COOKIE_EXPIRES', 'MONGODB_STORE_DEFAULT_ADDRESS', 'MONGODB_STORE_INERT_OPTION', 'MONGODB_STORE_STALE_READS',
        'MONGODB_STORE_UNKNOWN_OPTION', 'MONGODB_STORE_VALUE_LOST'
      ]);
      for (const code of codes) if (code !== 'MONGODB_STORE_UNKNOWN_OPTION') named(code);
      const message = Object.fromEntries(said);
      for (const [code, start] of Object.entries({
        MONGODB_STORE_COOKIE_EXPIRES: "A session's cookie.expires is ",
        MONGODB_STORE_DEFAULT_ADDRESS: 'MongoDBStore connects to its default address',
        MONGODB_STORE_INERT_OPTION: 'The option `touchAfter` has no effect: the middleware ',
        MONGODB_STORE_STALE_READS: 'Sessions are read with readPreference=secondaryPreferred',
        MONGODB_STORE_UNKNOWN_OPTION: 'The option `colection` of MongoDBStore is unknown and has no effect',
        MONGODB_STORE_VALUE_LOST: 'session.roles is a Set, whose content is not stored'
      })) assert.ok(message[code].startsWith(start), message[code]);
      named(
        "A session's cookie.expires is ", 'MongoDBStore connects to its default address', 'The option touchAfter has no effect: the middleware ',
        'Sessions are read with readPreference=secondaryPreferred', 'is unknown and has no effect', ' is a Set, whose content is not stored'
      );
      named('(the address is the default, because ');
      if (errors[0] !== undefined) assert.match(errors[0], /^Error connecting to db: .* \(the address is the default, because /);
      assert.match(errors[1], /^Error connecting to db: connect ECONNREFUSED 127\.0\.0\.1:1$/);
    });

    it('are those of errors', async () => {
      const store = await stores.connected({ crypto: { secret: Buffer.alloc(32, 7) }, hashIds: true });
      await assert.rejects(store.destroyWhere({ 'session.user': 1 }), /destroyWhere cannot look into sessions/);
      await assert.rejects(store.destroyWhere({ _id: 1 }), /cannot filter by "_id"/);
      named('destroyWhere cannot look into sessions', 'cannot filter by "_id"', 'is in the way of the one that removes expired sessions');
    });

    it('are those of logins by MONGODB-AWS without an account', async () => {
      const file = require.resolve('../../../lib/connection/aws-credentials');
      delete require.cache[file];
      const { fromEnvironment } = require(file);
      sinon.stub(application, 'resolveFromApplication').returns(undefined);
      try {
        for (const service of ['EC2', 'ECS']) {
          if (service === 'ECS') process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI = '/x';
          const start = `no credentials from the ${service} endpoint`;
          await withMetadata(() => [404, ''], () => assert.rejects(fromEnvironment(true), ({ message }) => message.startsWith(start)));
          named(start);
        }
      } finally {
        sinon.restore();
        delete require.cache[file];
        delete process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
      }
      const { stdout } = await runScript(`
        const { parse } = require('./lib/connection');
        const { LOGIN_SOURCE } = require('./lib/connection/login-source');
        const properties = [{}, { AWS_CREDENTIAL_PROVIDER: async () => ({}) }];
        Promise.all(properties.map(async (authMechanismProperties) => {
          const { credential } = parse('mongodb://h/', { authMechanism: 'MONGODB-AWS', authMechanismProperties });
          return (await credential[LOGIN_SOURCE].answer({ again: false })).failure.message;
        })).then((messages) => console.log(JSON.stringify(messages)));
      `, { env: {
        AWS_ACCESS_KEY_ID: '', AWS_PROFILE: '', AWS_CONFIG_FILE: os.devNull, AWS_SHARED_CREDENTIALS_FILE: os.devNull, AWS_EC2_METADATA_DISABLED: 'true',
        AWS_WEB_IDENTITY_TOKEN_FILE: '', AWS_CONTAINER_CREDENTIALS_FULL_URI: ''
      } });
      const messages = ['Could not load credentials from any providers', 'Could not obtain temporary MONGODB-AWS credentials'];
      assert.deepEqual(JSON.parse(stdout), messages);
      named(...messages);
    });

    it('are those of an addon that does not load', () => {
      const { stdout } = spawnSync(process.execPath, ['--no-addons', '-e', "try { require('./'); } catch ({ message }) { console.log(message); }"], { cwd: ROOT, encoding: 'utf8' });
      const disabled = 'is a native addon, and this process may not load any (ERR_DLOPEN_DISABLED)';
      assert.ok(stdout.includes(disabled), stdout);
      named(disabled, 'The package connect-mongodb-session-linux-x64-gnu is not installed', 'ERR_ACCESS_DENIED', 'does not load: ');
    });
  });
});
