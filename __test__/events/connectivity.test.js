'use strict';

const assert = require('node:assert/strict');
const { createHook } = require('node:async_hooks');
const { once } = require('node:events');
const http = require('node:http');
const express = require('express');
const session = require('express-session');
const { Relay, hostOf, relayedUri } = require('../support/relay');
const { useStores } = require('../support/stores');
const { node } = require('../loading/run');

/** A connection that breaks is noticed at once; one that is slow, on a busy machine, is none that broke. */
const QUICK = { heartbeatFrequencyMS: 500, serverSelectionTimeoutMS: 2000, connectTimeoutMS: 10_000 };

describe('a server that goes away and comes back', function() {
  this.timeout(60_000);
  const stores = useStores();
  let relay;

  beforeEach(async () => {
    relay = await new Relay(hostOf(stores.uri)).open();
  });
  afterEach(() => relay.cut());

  const through = (options) => ({
    uri: relayedUri(stores.uri, relay.port), databaseName: stores.databaseName, connectionOptions: QUICK, ...options
  });
  const hearing = (store) => {
    const heard = [];
    for (const event of ['connected', 'disconnected', 'reconnected', 'disconnect', 'connect']) store.on(event, () => heard.push(event));
    return heard;
  };

  it('is told once each time, to each store; express-session hears nothing of it', async () => {
    const [one, other] = [await stores.connected(through()), await stores.connected(through())];
    const heard = [hearing(one), hearing(other)];
    for (let round = 0; round < 2; round++) {
      await Promise.all([once(one, 'disconnected'), once(other, 'disconnected'), relay.cut()]);
      await Promise.all([once(one, 'reconnected'), once(other, 'reconnected'), relay.open()]);
    }
    for (const events of heard) assert.deepEqual(events, ['disconnected', 'reconnected', 'disconnected', 'reconnected']);
    await one.set('sid', { cookie: {} });
  });

  it('is told also once the application has closed the client and connected it again', async () => {
    const store = await stores.connected(through());
    const heard = hearing(store);
    await store.client.close();
    await store.client.connect();
    await Promise.all([once(store, 'disconnected'), relay.cut()]);
    await Promise.all([once(store, 'reconnected'), relay.open()]);
    assert.deepEqual(heard, ['disconnected', 'reconnected']);
  });

  it('is told to express-session with degrade: requests go on without a session meanwhile', async () => {
    const store = await stores.connected(through({ degrade: true }));
    store.on('error', () => {});
    const app = express();
    app.use(session({ secret: 'keyboard cat', resave: false, saveUninitialized: true, store }));
    app.get('/', (req, res) => res.send(req.session ? 'with' : 'without'));
    const server = http.createServer(app).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const ask = async () => (await fetch(`http://127.0.0.1:${server.address().port}/`)).text();
      assert.equal(await ask(), 'with');
      await Promise.all([once(store, 'disconnect'), relay.cut()]);
      assert.equal(await ask(), 'without');
      await Promise.all([once(store, 'connect'), relay.open()]);
      assert.equal(await ask(), 'with');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('with degrade, requests do not wait for a server that is not there yet', async () => {
    await relay.cut();
    const store = stores.open(through({ degrade: true }), () => {});
    store.on('error', () => {});
    await once(store, 'disconnect');
    await Promise.all([once(store, 'connect'), relay.open()]);
    await store.set('sid', { cookie: {} });
  });

  it('is not told where a server is there and refuses the store', async () => {
    await relay.cut();
    const { port } = await relay.open();
    const heard = [];
    const error = await new Promise((resolve) => {
      const store = stores.open({ ...through({ degrade: true }), uri: `mongodb://nobody:wrong@127.0.0.1:${port ?? relay.port}/` }, resolve);
      store.on('error', () => {});
      heard.push(...[hearing(store)]);
    });
    assert.match(error.message, /^Error connecting to db: Authentication failed/);
    await (await stores.connected(through())).set('a', { cookie: {} });
    assert.deepEqual(heard, [[]]);
  });

  it('is told no more once the store is closed', async () => {
    const [closed, open] = [await stores.connected(through()), await stores.connected(through())];
    const heard = hearing(closed);
    await closed.close();
    await Promise.all([once(open, 'disconnected'), relay.cut()]);
    assert.deepEqual(heard, []);
  });

  it('is no longer watched for by stores that are closed, while others share their pool', async () => {
    const open = new Set();
    const hook = createHook({
      init: (id, type) => { if (type === 'MongoDBStoreOperation') open.add(id); },
      destroy: (id) => open.delete(id)
    }).enable();
    try {
      const keeper = await stores.connected(through());
      for (let n = 0; n < 20; n++) await (await stores.connected(through())).close();
      await keeper.get('sid');
      while (open.size > 1) await new Promise(setImmediate);
      assert.equal(open.size, 1, 'the one that is open watches');
    } finally {
      hook.disable();
    }
  });

  it('is waited for by no process', async () => {
    const script = `
      const Store = require('.')(require('express-session'));
      const store = new Store({ uri: process.env.TEST_URI, collection: 'connectivity', degrade: true });
      store.on('disconnected', () => {});
      store.once('connected', () => console.log('connected'));
    `;
    const { code, output } = await node(['-e', script], { env: { TEST_URI: stores.uri } });
    assert.deepEqual([code, output], [0, 'connected\n']);
  });
});
