'use strict';

/** A store that is opened before its server is there. */

const assert = require('node:assert/strict');
const { once } = require('node:events');
const expressSession = require('express-session');
const MongoDBStore = require('../..')(expressSession);
const { internalsOf } = require('../../lib/store/internals');
const { Relay, hostOf, relayedUri } = require('../support/relay');
const { eventually, useStores } = require('../support/stores');

const SESSION = { cookie: {}, n: 1 };

describe('a store that is opened before its server is there', function late() {
  this.timeout(60_000);
  const stores = useStores();
  let relay;
  let store;
  let connected;
  let serial = 0;

  async function openStore(options) {
    await store?.close();
    const error = await new Promise((resolve) => {
      store = stores.track(new MongoDBStore({
        uri: relayedUri(stores.uri, relay.port),
        collection: `late${serial}`,
        idField: 'sid',
        connectionOptions: { serverSelectionTimeoutMS: 200, heartbeatFrequencyMS: 500 },
        ...options
      }, resolve));
      store.on('error', () => {});
      connected = 0;
      store.on('connected', () => connected++);
    });
    assert.match(error.message, /^Error connecting to db: /);
  }

  beforeEach(async () => {
    relay = await new Relay(hostOf(stores.uri)).open();
    await relay.cut();
    serial++;
    await openStore();
  });

  afterEach(() => relay.cut());

  const indexes = () => stores.rows(store).indexes();
  /** Whether a save has succeeded; of one that has not, nothing is left, since its answer may have been late. */
  const stored = () => store.set('a', SESSION).then(() => true, () => stores.rows(store).deleteMany({}).then(() => false));
  /** What is read, however often a busy machine takes longer than these stores wait. */
  const read = async () => (await eventually(() => store.get('a').then((session) => ({ session }), () => null))).session;

  it('has its indexes once the server is there, and says that it is connected', async () => {
    await assert.rejects(store.set('a', SESSION), /^Error: Error setting a to /);
    const { backend } = internalsOf(store);
    await relay.open();
    await eventually(stored);
    await eventually(() => connected === 1);
    const made = await indexes();
    assert.equal(made.find(({ key }) => key.expires === 1).expireAfterSeconds, 0);
    assert.equal(made.find(({ key }) => key.sid === 1).unique, true);
    assert.deepEqual(await read(), SESSION);
    assert.equal(connected, 1);
    assert.equal(internalsOf(store).backend, backend, 'nothing was put around it');
  });

  it('tells `error` listeners when the indexes are refused then', async () => {
    await stores.rows(store).createIndex({ expires: 1 }, { expireAfterSeconds: 5, partialFilterExpression: { session: { $exists: true } } });
    const refused = new Promise((resolve) => store.on('error', (error) => /index/.test(error.message) && resolve(error)));
    await relay.open();
    await eventually(stored);
    const error = await refused;
    assert.match(error.message, /^Error creating index: /);
    assert.equal(connected, 0);
    assert.deepEqual(await read(), SESSION);
  });

  for (const options of [{}, { partialUpdates: true }, { preventResurrection: true }]) {
    it(`has all of it with the first save: ${JSON.stringify(options)}`, async () => {
      await openStore(options);
      const heard = [];
      for (const event of ['create', 'update']) store.on(event, () => heard.push(event));
      await relay.open();
      await eventually(stored);
      await eventually(() => connected === 1);
      assert.equal((await indexes()).some(({ key }) => key.expires === 1), true);
      assert.deepEqual(heard, ['create']);
    });
  }

  for (const options of [{}, { degrade: true }]) {
    it(`has its indexes when its client was closed meanwhile and is connected again: ${JSON.stringify(options)}`, async () => {
      await openStore(options);
      const heard = [];
      for (const event of ['connect', 'disconnected', 'reconnected']) store.on(event, () => heard.push(event));
      await store.client.close();
      await relay.open();
      // A busy machine may take longer to connect than these stores wait.
      await eventually(() => store.client.connect().then(() => true, () => false));
      await eventually(() => connected === 1);
      assert.equal((await indexes()).some(({ key }) => key.expires === 1), true);
      await eventually(() => heard.includes('connect') === Boolean(options.degrade));
      await Promise.all([once(store, 'disconnected'), relay.cut()]);
      await Promise.all([once(store, 'reconnected'), relay.open()]);
      assert.equal(connected, 1);
    });
  }

  it('tells of servers that go away later and come back', async () => {
    await relay.open();
    await eventually(stored);
    await eventually(() => connected === 1);
    await Promise.all([once(store, 'disconnected'), relay.cut()]);
    await Promise.all([once(store, 'reconnected'), relay.open()]);
    await eventually(stored);
  });
});
