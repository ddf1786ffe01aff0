'use strict';

/** Runs the example of docs/migrating-from-connect-mongo.md. */

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');
const { useStores } = require('../../support/stores');

const page = new Page('docs/migrating-from-connect-mongo.md');

describe('docs/migrating-from-connect-mongo.md', () => {
  const stores = useStores();

  it('the example opens a store with the meaning of the options before', async () => {
    const load = (name) => require(name === 'connect-mongodb-session' ? ROOT : name);
    const code = page.block('mongoUrl,').replace("'app'", JSON.stringify(stores.databaseName));
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
});
