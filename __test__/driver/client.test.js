'use strict';

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const sinon = require('sinon');
const { MongoClient, Db, Collection, ReadPreference } = require('../../lib/driver');
const { mongoUri } = require('../support/server');
const { usePair } = require('./pair');

const NOT_CONNECTED = {
  name: 'MongoNotConnectedError',
  message: 'Client must be connected before running operations'
};

describe('facade: MongoClient', () => {
  const clients = [];
  const open = async (options, database = 'facade_client') => {
    const client = new MongoClient(await mongoUri(database), options);
    clients.push(client);
    return client;
  };

  afterEach(async () => {
    sinon.restore();
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  describe('connecting', () => {
    it('connect gives the client', async () => {
      const client = await open();
      assert.equal(await client.connect(), client);
    });

    it('calls at the same time and later ones share a connection attempt', async () => {
      const client = await open();
      const connect = sinon.spy(client.native, 'connect');
      await Promise.all([client.connect(), client.connect()]);
      await client.connect();
      sinon.assert.calledOnce(connect);
    });

    it('the static form gives a connected client', async () => {
      const client = await MongoClient.connect(await mongoUri('facade_client'));
      clients.push(client);
      assert.ok(client instanceof MongoClient);
      assert.deepEqual(await client.db().command({ ping: 1 }), { ok: 1 });
    });

    it('operations connect by themselves', async () => {
      const client = await open();
      assert.deepEqual(await client.db().command({ ping: 1 }), { ok: 1 });
    });

    it('says open', async () => {
      const client = await open();
      const opened = sinon.spy();
      client.on('open', opened);
      await client.connect();
      await client.connect();
      sinon.assert.calledOnceWithExactly(opened, client);
    });

    it('a server that is not there is an error after serverSelectionTimeoutMS', async () => {
      const client = new MongoClient('mongodb://127.0.0.1:1/test', { serverSelectionTimeoutMS: 1000 });
      clients.push(client);
      await assert.rejects(client.connect(), { name: 'MongoServerSelectionError', message: 'connect ECONNREFUSED 127.0.0.1:1' });
      await assert.rejects(client.db().collection('c').findOne(), { name: 'MongoServerSelectionError' });
    });

    it('another attempt may follow a failed one', async () => {
      const client = await open();
      const connect = sinon.stub(client.native, 'connect').onFirstCall().rejects(new Error('not now'));
      connect.callThrough();
      await assert.rejects(client.connect(), { message: 'not now' });
      assert.equal(await client.connect(), client);
    });

    it('a URI that cannot be understood throws at once', () => {
      assert.throws(() => new MongoClient('http://x/'), {
        name: 'MongoParseError',
        message: 'Invalid scheme, expected connection string to start with "mongodb://" or "mongodb+srv://"'
      });
    });
  });

  describe('closing', () => {
    it('operations afterwards are refused', async () => {
      const client = await open();
      await client.connect();
      const collection = client.db().collection('c');
      await client.close();
      for (const operation of [
        () => collection.findOne(),
        () => collection.find().toArray(),
        () => collection.insertOne({}),
        () => collection.insertMany([{}]),
        () => collection.bulkWrite([{ insertOne: { document: {} } }]),
        () => collection.updateOne({}, { $set: { a: 1 } }),
        () => collection.deleteMany(),
        () => collection.createIndex({ a: 1 }),
        () => collection.countDocuments(),
        () => client.db().command({ ping: 1 }),
        () => client.db().listCollections().toArray(),
        () => client.db().admin().ping()
      ]) {
        await assert.rejects(operation(), NOT_CONNECTED);
      }
    });

    it('operations are refused from the moment of the call', async () => {
      const client = await open();
      await client.connect();
      const closing = client.close();
      await assert.rejects(client.db().command({ ping: 1 }), NOT_CONNECTED);
      await closing;
    });

    it('connect opens it again', async () => {
      const client = await open();
      await client.connect();
      await client.close();
      await client.connect();
      assert.deepEqual(await client.db().command({ ping: 1 }), { ok: 1 });
    });

    it('connect during close waits for it', async () => {
      const client = await open();
      await client.connect();
      const closing = client.close();
      await client.connect();
      await closing;
      assert.deepEqual(await client.db().command({ ping: 1 }), { ok: 1 });
    });

    it('before connect, and twice', async () => {
      const client = await open();
      await client.close();
      await client.close();
      await assert.rejects(client.db().command({ ping: 1 }), NOT_CONNECTED);
    });

    it('while connecting leaves it closed', async () => {
      const client = await open();
      const connecting = client.connect().catch(() => {});
      await client.close();
      await connecting;
      await assert.rejects(client.db().command({ ping: 1 }), NOT_CONNECTED);
    });

    it('closes its cursors', async () => {
      const client = await open();
      const collection = client.db().collection('cursors');
      await collection.deleteMany();
      await collection.insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id })));
      const cursor = collection.find().batchSize(2);
      await cursor.next();
      await client.close();
      assert.ok(cursor.killed);
      await assert.rejects(cursor.next(), { name: 'MongoCursorExhaustedError', message: 'Cursor is exhausted' });
    });

    it('a cursor that was not read from yet is refused, where the Node driver has nothing in it', async () => {
      const client = await open();
      const cursor = client.db().collection('cursors').find();
      await client.close();
      await assert.rejects(cursor.toArray(), NOT_CONNECTED);
    });

    it('leaves other clients of the same settings open', async () => {
      const [one, other] = [await open(), await open()];
      await Promise.all([one.connect(), other.connect()]);
      await one.close();
      assert.deepEqual(await other.db().command({ ping: 1 }), { ok: 1 });
    });

    it('says topologyClosed', async () => {
      const client = await open();
      const closed = sinon.spy();
      client.once('topologyClosed', closed);
      await client.connect();
      await client.close();
      sinon.assert.calledOnce(closed);
    });

    if (Symbol.asyncDispose) {
      it('at the end of an `await using`', async () => {
        const client = await open();
        await client.connect();
        await client[Symbol.asyncDispose]();
        await assert.rejects(client.db().command({ ping: 1 }), NOT_CONNECTED);
      });
    }
  });

  describe('stubs', () => {
    it('MongoClient.prototype.connect can be stubbed', async () => {
      const client = await open();
      sinon.stub(MongoClient.prototype, 'connect').rejects(new Error('stubbed'));
      await assert.rejects(client.connect(), { message: 'stubbed' });
      await assert.rejects(MongoClient.connect('mongodb://x/'), { message: 'stubbed' });
    });

    it('every method of a prototype can be stubbed and restored', () => {
      for (const Class of [MongoClient, Db, Collection]) {
        for (const name of Object.getOwnPropertyNames(Class.prototype)) {
          const { value } = Object.getOwnPropertyDescriptor(Class.prototype, name);
          if (name === 'constructor' || typeof value !== 'function') continue;
          sinon.stub(Class.prototype, name).returns('stubbed');
          assert.equal(Class.prototype[name].call(Object.create(Class.prototype)), 'stubbed');
          Class.prototype[name].restore();
          assert.equal(Class.prototype[name], value);
        }
      }
    });

    it('a method of one collection can be replaced', async () => {
      const client = await open();
      const [replaced, other] = [client.db().collection('a'), client.db().collection('a')];
      replaced.findOne = async () => 'replaced';
      assert.equal(await replaced.findOne(), 'replaced');
      assert.notEqual(await other.findOne(), 'replaced');
    });

    it('collections, databases and cursors work behind a Proxy', async () => {
      const client = await open();
      const collection = new Proxy(new Proxy(client.db(), {}).collection('proxied'), {});
      await collection.deleteMany();
      await collection.insertOne({ _id: 1 });
      assert.deepEqual(await new Proxy(collection.find(), {}).toArray(), [{ _id: 1 }]);
      const proxy = new Proxy(client, {});
      assert.equal(await proxy.connect(), proxy);
    });

    it('a subclass gets its own static connect', async () => {
      class Mine extends MongoClient {}
      const client = await Mine.connect(await mongoUri('facade_client'));
      clients.push(client);
      assert.ok(client instanceof Mine);
    });
  });

  describe('what it shows', () => {
    const SECRET = 'hunter2';
    const uri = `mongodb://user:${SECRET}@127.0.0.1:1/shop?authSource=admin&readPreference=nearest&w=majority&readConcernLevel=local`;

    it('no password, in no way', () => {
      const client = new MongoClient(uri, { appName: 'app' });
      const db = client.db();
      for (const object of [client, client.options, db, db.admin(), db.collection('c'), db.collection('c').find()]) {
        for (const options of [undefined, { depth: 9 }, { depth: 9, customInspect: false }, { depth: 9, getters: true }]) {
          assert.ok(!inspect(object, options).includes(SECRET));
        }
      }
      assert.ok(!JSON.stringify(client).includes(SECRET));
    });

    it('short forms for people', () => {
      const db = new MongoClient(uri).db();
      assert.equal(inspect(db.client), "MongoClient { hosts: '127.0.0.1:1', dbName: 'shop' }");
      assert.equal(inspect(db), "Db { databaseName: 'shop' }");
      assert.equal(inspect(db.collection('c')), "Collection { namespace: 'shop.c' }");
      assert.equal(inspect(db.collection('c').find()), "FindCursor { namespace: 'shop.c', closed: false }");
      assert.equal(inspect(db.admin()), 'Admin {}');
    });

    it('options under the Node driver\'s names, which cannot be changed', () => {
      const { options } = new MongoClient(uri, { appName: 'app', serverSelectionTimeoutMS: 77 });
      assert.equal(options.dbName, 'shop');
      assert.equal(options.hosts.join(), '127.0.0.1:1');
      assert.equal(options.serverSelectionTimeoutMS, 77);
      assert.equal(options.maxPoolSize, 100);
      assert.equal(options.credentials.username, 'user');
      assert.throws(() => {
        options.dbName = 'other';
      }, TypeError);
    });

    it('concerns and read preference of the URI', () => {
      const client = new MongoClient(uri);
      const collection = client.db().collection('c');
      for (const part of [client, client.db(), collection]) {
        assert.equal(part.readPreference.mode, 'nearest');
        assert.equal(part.writeConcern.w, 'majority');
        assert.equal(part.readConcern.level, 'local');
      }
      assert.equal(new MongoClient('mongodb://127.0.0.1:1').readPreference, ReadPreference.primary);
    });

    it('test is the database when the URI names none', () => {
      assert.equal(new MongoClient('mongodb://127.0.0.1:1').db().databaseName, 'test');
    });
  });
});

describe('facade: the URI\'s concerns are sent', () => {
  const { refused } = usePair({ query: 'w=4&readConcernLevel=nope' });

  refused('w with a write', [], ({ collection }) => collection.insertOne({ _id: 1 }));
  refused('w with an index', [], ({ collection }) => collection.createIndex({ a: 1 }));
  refused('w with a drop', [], ({ collection }) => collection.drop());
  refused('w with a bulk', [], ({ collection }) => collection.bulkWrite([{ deleteMany: { filter: {} } }]));
  refused('w with $out', [], ({ collection }) => collection.aggregate([{ $out: 'out' }], { readConcern: 'local' }).toArray());
  refused('the read concern with a find', [], ({ collection }) => collection.findOne());
  refused('the read concern with an aggregation', [], ({ collection }) => collection.countDocuments());
  refused('the read concern with distinct', [], ({ collection }) => collection.distinct('a'));
  refused('the read concern with count', [], ({ collection }) => collection.estimatedDocumentCount());
});
