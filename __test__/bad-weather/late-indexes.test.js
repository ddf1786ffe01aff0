'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const expressSession = require('express-session');
const impl = require('../support/impl');
const { Relay } = require('../support/relay');
const { call, eventually } = require('../support/stores');
const { useConnections } = require('../support/connections');
const { sessionOf, useDeployment } = require('./deployments');

describe('indexes of a store that was opened before its server was there', function indexes() {
  this.timeout(60_000);
  const deployment = useDeployment('standalone');
  const connections = useConnections();
  let relay;
  let serial = 0;

  beforeEach(async () => {
    relay = await new Relay({ host: '127.0.0.1', port: deployment.server.port }).open();
    await relay.cut();
  });
  afterEach(() => relay.cut());

  async function open(options = {}) {
    const Store = impl.factory(expressSession);
    let store;
    const error = await new Promise((resolve) => {
      store = new Store({
        uri: `mongodb://127.0.0.1:${relay.port}/`, databaseName: 'test', collection: `late${++serial}`,
        connectionOptions: { serverSelectionTimeoutMS: 300, heartbeatFrequencyMS: 500 }, ...options
      }, resolve);
      store.on('error', () => {});
    });
    connections.opened.push(store.client);
    assert.match(error.message, /^Error connecting to db: /);
    return store;
  }

  const ttl = async (store) => {
    const found = await deployment.db.collection(store.options.collection).indexes().catch(() => []);
    return found.find(({ key }) => key.expires === 1);
  };
  /** Methods that stand on an object itself and not on its class: replaced ones. */
  const own = (object) => Object.keys(object).filter((name) => typeof object[name] === 'function');

  it('are made once the server is there, without an operation and without a method replaced', async () => {
    const store = await open();
    assert.deepEqual([own(store), own(store.native ?? {})], [[], []]);
    const connected = once(store, 'connected');
    await relay.open();
    assert.equal((await eventually(() => ttl(store))).expireAfterSeconds, 0);
    await connected;
    assert.deepEqual([own(store), own(store.native ?? {})], [[], []]);
  });

  it('on users are among them', async () => {
    const store = await open({ user: (session) => session.user });
    const connected = once(store, 'connected');
    await relay.open();
    await connected;
    const there = await deployment.db.collection(store.options.collection).indexes();
    assert.deepEqual(there.map(({ name }) => name).sort(), ['_id_', 'expires_1', 'user_1']);
  });

  it('are made once the server is there, with operations under way', async () => {
    const store = await open();
    await relay.open();
    await eventually(async () => !(await call(store, 'set', 'a', sessionOf())).error);
    assert.equal((await eventually(() => ttl(store))).expireAfterSeconds, 0);
  });

  it('are made when the server goes away again before they are', async () => {
    const store = await open();
    await relay.open();
    await relay.cut();
    await relay.open();
    assert.equal((await eventually(() => ttl(store))).expireAfterSeconds, 0);
  });

  it('are not made where the store was closed before', async () => {
    const store = await open();
    await store.close();
    await relay.open();
    const other = await connections.store(`mongodb://127.0.0.1:${relay.port}/`);
    await other.set('a', sessionOf());
    assert.equal(await ttl(store), undefined);
  });

  it('are not made with createIndexes: false', async () => {
    const store = await open({ createIndexes: false });
    await relay.open();
    await eventually(async () => !(await call(store, 'set', 'a', sessionOf())).error);
    assert.equal(await ttl(store), undefined);
  });
});
