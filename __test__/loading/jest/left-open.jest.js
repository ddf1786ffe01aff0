'use strict';

/* global expect */

// Nothing here is closed: jest has to end all the same.

const session = require('express-session');
const MongoDBStore = require('connect-mongodb-session')(session);

test('a store that is used and left open', async () => {
  const store = new MongoDBStore({ uri: process.env.TEST_URI, collection: 'open' });
  await store.set('sid', { cookie: {} });
  expect(await store.get('sid')).toEqual({ cookie: {} });
});

test('a store whose operation nobody waits for', () => {
  const store = new MongoDBStore({ uri: process.env.TEST_URI, collection: 'open' });
  store.set('late', { cookie: {} }, () => {});
  expect(store.client).toBeDefined();
});
