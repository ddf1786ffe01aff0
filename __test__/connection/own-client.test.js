'use strict';

/** Stores with the option `client`, beside the application's own use of that client. */

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const expressSession = require('express-session');
const MongoDBStore = require('../../index')(expressSession);
const { mongoUri, testClient, uniqueName } = require('../support/server');

const DRIVERS = { 4: 'mongodb4', 5: 'mongodb5', 6: 'mongodb', 7: 'mongodb7' };
const MONGOOSE = { 6: 'mongoose6', 7: 'mongoose7', 8: 'mongoose', 9: 'mongoose9' };
const session = () => ({ cookie: { originalMaxAge: 60_000 }, user: 'Ada' });

describe('A store with the application\'s client', () => {
  const ends = [];
  let uri;

  before(async () => {
    uri = await mongoUri(uniqueName('own_client'));
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(async () => (await testClient()).db(new URL(uri).pathname.slice(1)).dropDatabase());

  function open(client, options) {
    const store = new MongoDBStore({ client, collection: uniqueName('c'), ...options });
    ends.push(() => store.close());
    return store;
  }

  for (const [version, name] of Object.entries(DRIVERS)) {
    const { MongoClient } = require(name);
    const ways = {
      'not connected yet': async (client) => client,
      connected: (client) => client.connect(),
      'a promise': async (client) => client.connect()
    };

    for (const [way, prepare] of Object.entries(ways)) {
      it(`of driver ${version}, ${way}, stores sessions in its database, and leaves it open`, async () => {
        const client = new MongoClient(uri);
        ends.push(() => client.close());
        const given = prepare(client);
        const store = open(way === 'a promise' ? given : await given);
        // At once: what is called before the client is there waits for it.
        await store.set('sid', session());
        assert.equal((await store.get('sid')).user, 'Ada');
        await store.initialConnectionPromise;
        assert.equal(store.client, client);
        await client.connect();
        assert.equal((await store.collection.findOne({ _id: 'sid' })).session.user, 'Ada');
        assert.equal(typeof store.collection.watch, 'function');
        assert.equal(store.db.databaseName, new URL(uri).pathname.slice(1));
        assert.deepEqual(await store.ids(), ['sid']);
        await store.close();
        await assert.rejects(store.get('sid'), /Client must be connected/);
        assert.equal(await client.db().collection(store.options.collection).countDocuments(), 1);
      });
    }
  }

  for (const [version, name] of Object.entries(MONGOOSE)) {
    it(`takes Mongoose ${version} before it connects, and its connection`, async () => {
      const { Mongoose } = require(name);
      const mongoose = new Mongoose();
      ends.push(() => mongoose.disconnect());
      const store = open(mongoose);
      const early = store.set('sid', session());
      await mongoose.connect(uri);
      await early;
      assert.equal((await store.get('sid')).user, 'Ada');
      assert.equal(store.client, mongoose.connection.getClient());
      const other = open(mongoose.connection.useDb('own_client_other'));
      assert.equal(other.db.databaseName, 'own_client_other');
      await other.destroy('none');
      await other.initialConnectionPromise;
      await other.db.dropDatabase();
    });
  }

  it('uses the collection\'s methods where an application has replaced them, and no others', async () => {
    const { MongoClient } = require('mongodb');
    const client = new MongoClient(uri);
    ends.push(() => client.close());
    const store = open(client);
    await store.initialConnectionPromise;
    await store.set('sid', session());
    store.collection.findOne = async () => ({ session: { user: 'stub' } });
    assert.equal((await store.get('sid')).user, 'stub');
    delete store.collection.findOne;
    assert.equal((await store.get('sid')).user, 'Ada');
  });

  it('uses databaseName where it is given', async () => {
    const { MongoClient } = require('mongodb');
    const client = new MongoClient(uri);
    ends.push(() => client.close());
    const store = open(client, { databaseName: 'own_client_named', createIndexes: false });
    assert.equal(store.db.databaseName, 'own_client_named');
    await store.initialConnectionPromise;
  });

  it('leaves undefined out where the client does', async () => {
    const { MongoClient } = require('mongodb');
    const client = await new MongoClient(uri, { ignoreUndefined: true }).connect();
    ends.push(() => client.close());
    const store = open(client);
    await store.set('sid', { ...session(), left: undefined });
    assert.equal('left' in (await store.get('sid')), false);
  });

  it('tells who listens when the promised client does not come', async () => {
    const heard = await new Promise((resolve) => {
      const store = new MongoDBStore({ client: Promise.reject(new Error('no vault')) }, resolve);
      store.on('error', () => {});
    });
    assert.equal(heard.message, 'Error connecting to db: no vault');
  });

  it('is refused beside uri, and when it is none', () => {
    const { MongoClient } = require('mongodb');
    assert.throws(() => new MongoDBStore({ client: new MongoClient(uri), uri }), /client and uri \(or connectionOptions\) exclude each other/);
    assert.throws(() => new MongoDBStore({ client: 'mongodb://a/' }), /client must be a MongoClient .*; got a value of type string/);
  });

  it('shows no password in an inspection of its options', () => {
    const { MongoClient } = require('mongodb');
    const store = open(new MongoClient(uri.replace('mongodb://', 'mongodb://u:hunter2@')), { createIndexes: false });
    store.on('error', () => {});
    store.initialConnectionPromise.catch(() => {});
    assert.doesNotMatch(inspect(store.options, { depth: 9 }), /hunter2/);
  });
});
