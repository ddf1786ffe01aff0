'use strict';

/** A store that is opened before its server is there. */

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const MongoDBStore = require('../..')(expressSession);
const { Relay, hostOf, relayedUri } = require('../support/relay');
const { eventually, useStores } = require('../support/stores');

const SESSION = { cookie: {}, n: 1 };

describe('a store that is opened before its server is there', function late() {
  this.timeout(30_000);
  const stores = useStores();
  let relay;
  let store;
  let connected;

  beforeEach(async () => {
    relay = await new Relay(hostOf(stores.uri)).open();
    await relay.cut();
    const error = await new Promise((resolve) => {
      store = stores.track(new MongoDBStore({
        uri: relayedUri(stores.uri, relay.port),
        collection: `late${relay.port}`,
        idField: 'sid',
        connectionOptions: { serverSelectionTimeoutMS: 200, heartbeatFrequencyMS: 500 }
      }, resolve));
      store.on('error', () => {});
      connected = 0;
      store.on('connected', () => connected++);
    });
    assert.match(error.message, /^Error connecting to db: /);
  });

  afterEach(() => relay.cut());

  const indexes = () => stores.rows(store).indexes();
  const stored = () => store.set('a', SESSION).then(() => true, () => false);

  it('has its indexes with the first operation that succeeds, and says that it is connected', async () => {
    await assert.rejects(store.set('a', SESSION), /^Error: Error setting a to /);
    await relay.open();
    await eventually(stored, 15_000);
    await eventually(() => connected === 1);
    const made = await indexes();
    assert.equal(made.find(({ key }) => key.expires === 1).expireAfterSeconds, 0);
    assert.equal(made.find(({ key }) => key.sid === 1).unique, true);
    assert.deepEqual(await store.get('a'), SESSION);
    assert.equal(connected, 1);
    // Nothing looks any longer.
    assert.deepEqual(Object.keys(store.native).filter((name) => typeof store.native[name] === 'function'), []);
  });

  it('tells `error` listeners when the indexes are refused then', async () => {
    await stores.rows(store).createIndex({ expires: 1 }, { expireAfterSeconds: 5, sparse: true });
    const refused = new Promise((resolve) => store.on('error', (error) => /index/.test(error.message) && resolve(error)));
    await relay.open();
    await eventually(stored, 15_000);
    const error = await refused;
    assert.match(error.message, /^Error creating index: /);
    assert.equal(connected, 0);
    assert.deepEqual(await store.get('a'), SESSION);
  });
});
