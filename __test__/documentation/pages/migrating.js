'use strict';

/** Runs the examples of docs/migrating-from-connect-mongo.md. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const express = require('express');
const expressSession = require('express-session');
const { declared } = require('../../connect-mongo/versions/generate');
const versions = require('../../connect-mongo/versions/versions.json');
const { secret, session, vectors } = require('../../connect-mongo/kruptein.json');
const { serve } = require('../../support/http');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');
const { useStores } = require('../../support/stores');

const FILE = 'docs/migrating-from-connect-mongo.md';
const page = new Page(FILE);

describe(FILE, () => {
  const stores = useStores();
  const ends = [];

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await stores.db.collection('sessions').deleteMany({});
  });

  /** Runs a block that makes a `store`, in this suite's database. */
  function made(text, given) {
    const code = page.block(text).replace("dbName: 'app', touchAfter", `dbName: '${stores.databaseName}', touchAfter`)
      .replace("databaseName: 'app'", `databaseName: '${stores.databaseName}'`);
    const store = vm.runInNewContext(`${code}; store;`, { require, mongoUrl: stores.uri, uri: stores.uri, Buffer, ...given });
    ends.push(() => store.close());
    return store;
  }

  /** Runs a block that awaits. */
  function run(text, given) {
    return vm.runInNewContext(`(async () => { ${page.block(text)} })()`, given);
  }

  /** The stores of each step, and connect-mongo in each version, on one collection. */
  const SERVERS = {
    'connect-mongo 4': () => theirs(require('connect-mongo4')),
    'connect-mongo 5': () => theirs(require('connect-mongo5')),
    'connect-mongo 6': () => theirs(require('connect-mongo').MongoStore),
    'step 1, the door': () => made("require('connect-mongodb-session/connect-mongo')"),
    'step 2, texts': () => made('serialize: JSON.stringify'),
    'step 3, documents': () => made('// seconds, as before')
  };
  const TEXTS = Object.keys(SERVERS).filter((name) => !name.startsWith('step 3'));

  function theirs(MongoStore) {
    const store = MongoStore.create({ mongoUrl: stores.uri });
    ends.push(() => store.close());
    return store;
  }

  /** An application with a login and a page, on the store of a step. */
  async function application(name) {
    const app = express();
    app.use(expressSession({ secret: 'cat', resave: false, saveUninitialized: false, store: SERVERS[name](), cookie: { maxAge: 60_000 } }));
    app.get('/login/:userId', (request, response) => {
      request.session.userId = request.params.userId;
      response.end();
    });
    app.get('/', (request, response) => {
      request.session.visits = (request.session.visits ?? 0) + 1;
      response.json([request.session.userId ?? 'nobody', request.session.visits]);
    });
    const server = await serve(app);
    ends.push(() => server.close());
    return server;
  }

  it('the servers of a fleet can be changed one at a time, and back: with texts all of them read what the others save', async () => {
    const fleet = await Promise.all(TEXTS.map(application));
    for (const first of fleet) {
      let browser = first.browser();
      await browser.get('/login/ada');
      for (const [visits, { url }] of [...fleet, first].entries()) {
        browser = browser.at(url);
        assert.deepEqual((await browser.get('/')).json(), ['ada', visits + 1]);
      }
    }
  });

  it('documents are made of the texts of every step before', async () => {
    const documents = await application('step 3, documents');
    for (const name of TEXTS) {
      const before = await application(name);
      const browser = before.browser();
      await browser.get('/login/ada');
      assert.deepEqual((await browser.at(documents.url).get('/')).json(), ['ada', 1]);
    }
    const users = await stores.db.collection('sessions').distinct('session.userId');
    assert.deepEqual(users, ['ada']);
  });

  for (const name of ['step 1, the door', 'step 2, texts']) {
    it(`somebody is logged out everywhere by a search in texts: ${name}`, async () => {
      const store = SERVERS[name]();
      const { browser } = await application(name);
      const [one, other, third] = [browser(), browser(), browser()];
      for (const each of [one, other]) await each.get('/login/ada');
      await third.get('/login/bob');
      await run('$regex', { store, userId: 'ada' });
      for (const each of [one, other]) assert.equal((await each.get('/')).json()[0], 'nobody');
      assert.equal((await third.get('/')).json()[0], 'bob');
    });
  }

  it('in documents that search finds nothing, and destroyWhere does', async () => {
    const store = SERVERS['step 3, documents']();
    const { browser } = await application('step 3, documents');
    const [one, other] = [browser(), browser()];
    await one.get('/login/ada');
    await other.get('/login/bob');
    await run('$regex', { store, userId: 'ada' });
    assert.equal((await one.get('/')).json()[0], 'ada');
    await run('destroyWhere', { store, userId: 'ada' });
    assert.equal((await one.get('/')).json()[0], 'nobody');
    assert.equal((await other.get('/')).json()[0], 'bob');
  });

  it('all sessions are made documents at once, of what each version stored', async () => {
    const store = SERVERS['step 3, documents']();
    const rows = stores.db.collection('sessions');
    for (const name of ['connect-mongo 4', 'connect-mongo 5', 'connect-mongo 6']) {
      const before = SERVERS[name]();
      await new Promise((resolve, reject) => before.set(name, session, (error) => (error ? reject(error) : resolve())));
    }
    await run('for (const id of await store.ids())', { store });
    const documents = await rows.find().toArray();
    assert.deepEqual(documents.map((each) => [each._id, each.session.passport.user]).sort(), ['connect-mongo 4', 'connect-mongo 5', 'connect-mongo 6'].map((name) => [name, 'Zoë']));
  });

  it('the example of step 3 opens a store with the meaning of the options before', async () => {
    const store = SERVERS['step 3, documents']();
    await store.set('sid', { cookie: {} });
    const { expires } = await stores.db.collection('sessions').findOne({ _id: 'sid' });
    assert.ok(Math.abs(expires - Date.now() - 14 * 86_400_000) < 60_000);
    assert.equal(store.options.touchAfter, 3600);
  });

  it('undefined is null in documents, left out with undefinedAs, and dates stay dates', async () => {
    const store = SERVERS['step 3, documents']();
    await store.set('sid', { cookie: {}, x: undefined, since: new Date(0) });
    assert.deepEqual(await store.get('sid'), { cookie: {}, x: null, since: new Date(0) });
  });

  it('sessions that connect-mongo encrypted are read beside a new secret', async () => {
    const MongoDBStore = require('connect-mongodb-session')(expressSession);
    const store = made('connectMongo: secretOfConnectMongo', { MongoDBStore, newKey: 'ab'.repeat(32), secretOfConnectMongo: secret });
    const rows = stores.db.collection('sessions');
    await rows.insertOne({ _id: 'sid', session: vectors['3.0.8']['a text'], expires: new Date('2099-12-01T00:00:00.000Z') });
    assert.equal((await store.get('sid')).passport.user, 'Zoë');
    await run('for (const id of await store.ids())', { store });
    assert.equal((await rows.findOne({ _id: 'sid' })).session._bsontype, 'Binary');
  });

  it('names every option of every version, and no other', () => {
    const installed = path.join(path.dirname(require.resolve('connect-mongo')), 'index.d.cts');
    const options = { 6: new Set(declared(fs.readFileSync(installed, 'utf8'))) };
    for (const [version, { options: names }] of Object.entries(versions)) {
      const major = version.split('.')[0];
      options[major] = new Set([...options[major] ?? [], ...names]);
    }
    const named = {};
    for (const [, names, first, last = first] of fs.readFileSync(path.join(ROOT, FILE), 'utf8').matchAll(/^\| (`.*?`) \| (\d)(?: to (\d))? \|/gm)) {
      for (let major = Number(first); major <= Number(last); major++) {
        named[major] = [...named[major] ?? [], ...[...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name)];
      }
    }
    assert.deepEqual(Object.keys(named), ['3', '4', '5', '6']);
    for (const [major, names] of Object.entries(named)) {
      // `crypto` itself is named by what is in it.
      assert.deepEqual(names.sort(), [...options[major]].filter((name) => name !== 'crypto').sort(), `connect-mongo ${major}`);
    }
  });
});
