'use strict';

/** Runs the example of docs/encryption.md. */

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');
const { useStores } = require('../../support/stores');

const page = new Page('docs/encryption.md');
const MongoDBStore = require(ROOT)(require('express-session'));

describe('docs/encryption.md', () => {
  const stores = useStores();

  it('what the database holds says nothing of the session', async () => {
    const process = { env: { SESSION_KEY: 'a passphrase of the test' } };
    const store = stores.track(vm.runInNewContext(`${page.block('crypto')}; store;`, { MongoDBStore, uri: stores.uri, process }));
    await store.set('sid', { cookie: {}, user: 'ada' });
    assert.equal((await store.get('sid')).user, 'ada');
    assert.equal((await stores.rows(store).findOne({ _id: 'sid' })).session._bsontype, 'Binary');
  });
});
