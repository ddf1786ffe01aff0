'use strict';

/** What is found to be unusable when a store connects, at once, with the original's words. */

const assert = require('node:assert/strict');
const { useStores } = require('../support/stores');

describe('A store that connects with settings that cannot be used', () => {
  const stores = useStores();
  const failure = (options) => assert.rejects(stores.connected(options));

  for (const [title, options, message] of [
    ['more connections kept open than there may be', { connectionOptions: { minPoolSize: 5, maxPoolSize: 2 } }, 'Connection pool minimum size must not be greater than maximum pool size'],
    ['an empty host', { uri: 'mongodb://127.0.0.1:1,/x' }, 'Unable to parse :27017 with URL']
  ]) {
    it(`ends with an error, not after a wait: ${title}`, async () => {
      const start = Date.now();
      await failure(options);
      await assert.rejects(stores.connected(options), { message: `Error connecting to db: ${message}` });
      assert.ok(Date.now() - start < 15_000);
    });
  }

  it('has the server say what is wrong with a negative w', async () => {
    const message = 'w has to be a non-negative number and not greater than 50; found: -1';
    for (const connectionOptions of [{ w: -1 }, { writeConcern: { w: -1 } }]) {
      const store = stores.open({ connectionOptions }, () => {});
      store.on('error', () => {});
      await assert.rejects(store.set('a', { cookie: {} }), { message: `Error setting a to { cookie: {} }: ${message}` });
      await assert.rejects(stores.connected({ connectionOptions }), { message: `Error creating index: ${message}` });
    }
  });
});
