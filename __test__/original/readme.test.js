'use strict';

/** Every JavaScript example of the original's README, run as it stands but for hosts and ports. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { once } = require('node:events');
const expressSession = require('express-session');
const impl = require('../support/impl');
const { Browser } = require('../support/http');
const { useStores, ask, eventually } = require('../support/stores');

const README = path.join(path.dirname(require.resolve('connect-mongodb-session-original')), 'README.md');
const LOCAL = 'mongodb://127.0.0.1:27017/connect_mongodb_session_test';
const EXAMPLES = [...fs.readFileSync(README, 'utf8').matchAll(/^## (.+)\n[^]*?^```javascript\n([^]*?)^```/gm)]
  .map(([, title, source]) => ({ title, source }));

describe(`the examples of the original's README [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();
  let opened;

  beforeEach(() => { opened = null; });

  afterEach(async () => {
    if (opened && opened.server) {
      opened.server.closeAllConnections();
      opened.server.close();
    }
  });

  /**
   * Run an example.
   *
   * @param {string} title the start of its heading
   * @param {[string, string][]} replacements each must occur in the example
   * @returns {{store: object, server?: object, called: any[][]}} its variables, and the calls of the
   *   constructor callback, if it has one
   */
  function run(title, replacements) {
    let { source } = EXAMPLES.find(example => example.title.startsWith(title));
    for (const [from, to] of [...replacements, ['app.listen(3000)', 'app.listen(0)']]) {
      assert.ok(source.includes(from) || from.startsWith('app.'), `the example has no ${from}`);
      source = source.replaceAll(from, to);
    }
    const called = [];
    const example = vm.compileFunction(`var server;\n${source}\nreturn { store, server };`, ['require']);
    opened = { ...example(id => id === 'connect-mongodb-session' ? watched(called) : require(id)), called };
    stores.track(opened.store);
    return opened;
  }

  /** The factory, with the constructor callback listened in on. */
  function watched(called) {
    return given => {
      const Store = impl.factory(given);
      return function(options, callback) {
        return callback ? new Store(options, (...args) => {
          called.push(args);
          callback(...args);
        }) : new Store(options);
      };
    };
  }

  it('are four', () => {
    assert.deepEqual(EXAMPLES.map(example => example.title), [
      'It can store sessions for Express 4',
      'It throws an error when it can\'t connect to MongoDB',
      'It supports several other options',
      'Azure Cosmos MongoDB support'
    ]);
  });

  it('store sessions of an Express app', async () => {
    const { store, server } = run('It can store sessions', [[LOCAL, stores.uri]]);
    await once(server, 'listening');
    const browser = new Browser(`http://127.0.0.1:${server.address().port}`);
    const first = await browser.get('/');
    assert.equal(first.status, 200);
    assert.match(first.text, /^Hello \{"cookie":\{/);
    assert.equal(first.setCookie.length, 1);
    const documents = await stores.db.collection('mySessions').find().toArray();
    assert.equal(documents.length, 1);
    assert.equal(documents[0]._id, browser.sessionId());
    // express-session measures it, so that it can be a millisecond less.
    assert.equal(Math.round(documents[0].session.cookie.originalMaxAge / 1000), 60 * 60 * 24 * 7);
    const second = await browser.get('/');
    assert.equal(second.setCookie.length, 0, 'the session was found again');
    assert.equal(await stores.db.collection('mySessions').countDocuments(), 1);
    assert.ok(store instanceof expressSession.Store);
  });

  it('call back with the error when MongoDB cannot be reached, and the app serves', async () => {
    const { store, server, called } = run('It throws an error', [
      ['bad.host:27000', 'bad.invalid:27000'],
      // The example waits 30 seconds, which is the default. And asking for a name may take longer than 10 ms.
      ['?connectTimeoutMS=10', '?connectTimeoutMS=10000&serverSelectionTimeoutMS=2000']
    ]);
    const heard = [];
    store.on('error', error => heard.push(error));
    await once(server, 'listening');
    await eventually(() => called.length);
    assert.equal(called.length, 1);
    assert.match(called[0][0].message, /^Error connecting to db: .*bad\.invalid/);
    assert.deepEqual(heard, [called[0][0]]);
    const { error } = console;
    // Saving fails after the page was sent, which Express prints.
    const printed = await new Promise(resolve => {
      console.error = text => resolve(String(text));
      new Browser(`http://127.0.0.1:${server.address().port}`).get('/')
        .then(answer => assert.match(answer.text, /^Hello /)).catch(resolve);
    }).finally(() => { console.error = error; });
    assert.match(printed, /^Error: Error setting /);
  });

  it('take other options', async () => {
    const { store } = run('It supports several', [[LOCAL, stores.uri]]);
    assert.equal(await store.initialConnectionPromise, store.client);
    assert.equal(store.options.expires, 1000 * 60 * 60 * 24 * 30);
    assert.equal(store.options.connectionOptions.serverSelectionTimeoutMS, 10000);
    await ask(store, 'set', 'sid', { cookie: {} });
    const { expires } = await stores.db.collection('mySessions').findOne({ _id: 'sid' });
    const days = (expires - Date.now()) / (1000 * 60 * 60 * 24);
    assert.ok(days > 29.9 && days <= 30, `${days} days`);
  });

  describe('for Cosmos', () => {
    /** Nothing listens there. */
    const construct = () => run('Azure Cosmos', [
      ['cosmosdb-name.mongo.cosmos.azure.com:10255', '127.0.0.1:1'],
      ['&retrywrites=false', '&retrywrites=false&serverSelectionTimeoutMS=200']
    ]);

    it('construct a store with these options', async () => {
      const { store } = construct();
      await assert.rejects(store.initialConnectionPromise, error => {
        assert.match(error.message, /^Error connecting to db: /);
        assert.doesNotMatch(error.message, /password/);
        return true;
      });
      const { uri, connectionOptions, ...options } = store.options;
      assert.match(uri, /&appName=@cosmosdb-name@$/);
      assert.equal(connectionOptions ?? null, null);
      assert.deepEqual({ ...options }, {
        databaseName: 'myDb',
        collection: 'mySessions',
        expires: 1000 * 60 * 60 * 24 * 14,
        expiresKey: '_ts',
        expiresAfterSeconds: 60 * 60 * 24 * 14,
        idField: '_id'
      });
      assert.equal(store.db.databaseName, 'myDb');
      assert.equal(store.collection.collectionName, 'mySessions');
    });

    it('work on a real server', async () => {
      const given = construct().store;
      await given.initialConnectionPromise.catch(() => {});
      const { expiresKey, expiresAfterSeconds, collection } = given.options;
      // retrywrites=false must reach the server as it does there; its cluster name and TLS are Azure's own.
      const uri = `${stores.uri}${stores.uri.includes('?') ? '&' : '?'}retrywrites=false&maxIdleTimeMS=120000`;
      const store = stores.open({ uri, expiresKey, expiresAfterSeconds, collection: `${collection}OfCosmos` });
      await store.initialConnectionPromise;
      await ask(store, 'set', 'sid', { cookie: {}, n: 1 });
      const document = await stores.rows(store).findOne({ _id: 'sid' });
      assert.ok(document._ts instanceof Date);
      const index = (await stores.rows(store).indexes()).find(({ key }) => key._ts);
      assert.equal(index.expireAfterSeconds, 60 * 60 * 24 * 14);
      assert.equal((await ask(store, 'get', 'sid')).n, 1);
    });
  });
});
