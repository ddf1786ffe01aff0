'use strict';

/** Runs the example of docs/migrating-from-connect-mongo.md. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { default: MongoStore } = require('connect-mongo');
const { declared } = require('../../beyond/connect-mongo/generate');
const versions = require('../../beyond/connect-mongo/versions.json');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');
const { useStores } = require('../../support/stores');

const FILE = 'docs/migrating-from-connect-mongo.md';
const page = new Page(FILE);

describe(FILE, () => {
  const stores = useStores();

  it('the example opens a store with the meaning of the options before', async () => {
    const load = (name) => require(name === 'connect-mongodb-session' ? ROOT : name);
    const code = page.block("dbName: 'app'").replace("'app'", JSON.stringify(stores.databaseName));
    assert.match(code, /databaseName: 'app'/);
    const made = vm.runInNewContext(`${code.replace("databaseName: 'app'", `databaseName: '${stores.databaseName}'`)}; store;`, {
      require: load, mongoUrl: stores.uri
    });
    const store = stores.track(made);
    await store.set('sid', { cookie: {} });
    const { expires } = await stores.rows(store).findOne({ _id: 'sid' });
    assert.ok(Math.abs(expires - Date.now() - 14 * 86_400_000) < 60_000);
    assert.equal(store.options.touchAfter, 3600);
    await stores.rows(store).deleteMany({});
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

  it('sessions that connect-mongo encrypted can be kept', async () => {
    const secretOfConnectMongo = 'Squirrel-4-squirrel-2-Squirrel-9!';
    const session = (user) => ({ cookie: { expires: new Date(Date.now() + 86_400_000).toISOString() }, user });
    const before = MongoStore.create({ mongoUrl: stores.uri, crypto: { secret: secretOfConnectMongo } });
    for (const user of ['ada', 'bob']) await new Promise((resolve, reject) => before.set(user, session(user), (error) => (error ? reject(error) : resolve())));
    await before.close();
    const store = await stores.connected({ collection: 'sessions', crypto: { secret: 'another passphrase' } });
    await assert.rejects(store.get('ada'), /connect-mongo/);
    await vm.runInNewContext(`(async () => { ${page.block('secretOfConnectMongo')} })()`, { require, mongoUrl: stores.uri, secretOfConnectMongo, store });
    for (const user of ['ada', 'bob']) {
      assert.equal((await store.get(user)).user, user);
      assert.equal((await stores.rows(store).findOne({ _id: user })).session._bsontype, 'Binary');
    }
  });
});
