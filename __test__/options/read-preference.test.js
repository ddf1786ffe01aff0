'use strict';

/** Sessions that are read from a secondary are as old as the secondary is. */

const assert = require('node:assert/strict');
const mongodb = require('mongodb');
const { runScript } = require('../support/child');
const { useServer } = require('../support/connections');
const { FAIL_POINTS } = require('../support/fail-point');
const { eventually } = require('../support/stores');
const { ROOT } = require('../support/impl');

const Store = require(ROOT)(require('express-session'));
const SESSION = { cookie: {}, user: 'ada' };

describe('readPreference', () => {
  const set = useServer({ replicaSet: 'sessions', members: 2, args: FAIL_POINTS });
  const stores = [];
  let primary;
  let secondary;
  let uri;
  let serial = 0;

  before('find the secondary', async function find() {
    this.timeout(60_000);
    uri = `mongodb://${set.ports.map((port) => `127.0.0.1:${port}`).join()}/test?replicaSet=sessions&readPreference=secondary&w=1`;
    const clients = await Promise.all(set.ports.map((port) => mongodb.MongoClient.connect(`mongodb://127.0.0.1:${port}`, { directConnection: true })));
    await eventually(async () => {
      const hellos = await Promise.all(clients.map((client) => client.db('admin').command({ hello: 1 })));
      secondary = clients[hellos.findIndex((hello) => hello.secondary)];
      primary = clients[hellos.findIndex((hello) => hello.isWritablePrimary)];
      return secondary && primary;
    }, 30_000);
  });
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
  after(() => Promise.all([primary, secondary].map((client) => client?.close())));

  async function open(options) {
    const store = new Store({ uri, collection: `c${++serial}`, ...options });
    stores.push(store);
    await store.initialConnectionPromise;
    return store;
  }

  /** Runs `work` while the secondary applies no writes. */
  async function whileBehind(work) {
    const admin = secondary.db('admin');
    const configure = (mode) => admin.command({ configureFailPoint: 'rsSyncApplyStop', mode });
    const { count } = await configure('alwaysOn');
    try {
      // What was waiting for writes when it was told to stop comes by the fail point within a second.
      await admin.command({ waitForFailPoint: 'rsSyncApplyStop', timesEntered: count + 1, maxTimeMS: 30_000 });
      return await work();
    } finally {
      await configure('off');
      // It goes on a moment later; until then it would not come by the fail point again.
      await primary.db('test').collection('marks').insertOne({}, { writeConcern: { w: 2, wtimeoutMS: 30_000 } });
    }
  }

  it('of the connection string is honoured: a session that was just saved is not there', async () => {
    const store = await open();
    await whileBehind(async () => {
      await store.set('a', SESSION);
      assert.equal(await store.get('a'), undefined);
      assert.equal(await store.length(), 0);
    });
    await eventually(async () => (await store.get('a'))?.user === 'ada');
  });

  it('of the store, `primary`, is for sessions: they are there at once, and the client keeps its own', async () => {
    const store = await open({ readPreference: 'primary' });
    await whileBehind(async () => {
      await store.set('a', SESSION);
      assert.equal((await store.get('a')).user, 'ada');
      assert.deepEqual((await Promise.all(['a', 'b', 'a'].map((id) => store.get(id)))).map((found) => found?.user), ['ada', undefined, 'ada']);
      assert.equal(await store.length(), 1);
      assert.equal((await store.all()).length, 1);
      assert.deepEqual(await store.ids(), ['a']);
      assert.equal(await store.collection.findOne({ _id: 'a' }), null);
    });
    assert.equal(store.client.readPreference.mode, 'secondary');
  });

  it('of the store may be that of a secondary, too', async () => {
    const store = await open({ uri: uri.replace('&readPreference=secondary', ''), readPreference: 'secondary' });
    await whileBehind(async () => {
      await store.set('a', SESSION);
      assert.equal(await store.get('a'), undefined);
      assert.equal((await store.collection.findOne({ _id: 'a' })).session.user, 'ada');
    });
  });

  /** What stores with these options warn of. */
  async function warnings(...list) {
    const { stdout, stderr } = await runScript(`
      const said = [];
      process.on('warning', ({ code, message }) => said.push([code, message]));
      const Store = require('.')(require('express-session'));
      for (const options of ${JSON.stringify(list)}) {
        new Store({ connectionOptions: { serverSelectionTimeoutMS: 1, ...options.more }, ...options.store, uri: 'mongodb://127.0.0.1:1/?' + (options.query ?? '') }, () => {});
      }
      process.on('exit', () => console.log(JSON.stringify(said)));`);
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout);
  }

  it('is warned about once, where it is not the store\'s own', async () => {
    const said = await warnings({ query: 'readPreference=secondaryPreferred' }, { more: { readPreference: 'secondaryPreferred' } });
    assert.equal(said.length, 1);
    const [[code, message]] = said;
    assert.equal(code, 'MONGODB_STORE_STALE_READS');
    assert.match(message, /^Sessions are read with readPreference=secondaryPreferred, .* `readPreference: 'primary'` \(`store\.client` keeps its own\)/);
    for (const mode of ['secondary', 'nearest']) assert.equal((await warnings({ query: `readPreference=${mode}` })).length, 1, mode);
  });

  it('is not warned about where it is chosen for sessions, or reads what was written', async () => {
    const said = await warnings(
      {}, { query: 'readPreference=primary' }, { query: 'readPreference=primaryPreferred' }, { store: { readPreference: 'secondary' } },
      { query: 'readPreference=secondary', store: { readPreference: 'primary' } },
      { query: 'readPreference=secondaryPreferred', store: { readPreference: 'secondaryPreferred' } }
    );
    assert.deepEqual(said, []);
  });

  it('that is none is refused', () => {
    assert.throws(() => new Store({ readPreference: 'first' }), {
      name: 'CastError',
      message: "readPreference: must be 'primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'; got 'first'"
    });
  });
});
