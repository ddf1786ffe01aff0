'use strict';

/** What only the Node driver can do, asked of a client of ours in an application that has it. */

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { buffer } = require('node:stream/consumers');
const { pipeline } = require('node:stream/promises');
const { Readable } = require('node:stream');
const mongodb = require('mongodb');
const sinon = require('sinon');
const facade = require('../../lib/driver');
const { startMongod } = require('../../tools/mongod');
const { uniqueName } = require('../support/server');

describe('facade: what is forwarded to the Node driver', function() {
  this.timeout(120_000);
  this.slow(3000);
  let server;
  let client;
  let db;
  let collection;

  before('start a replica set', async () => {
    server = await startMongod({ replicaSet: true });
  });
  after('stop it', () => server?.stop());

  beforeEach(async () => {
    client = new facade.MongoClient(server.uri, { monitorCommands: true });
    db = client.db(uniqueName('forwarding'));
    collection = db.collection('c');
    await collection.insertMany([{ _id: 1, n: 1 }, { _id: 2, n: 2 }, { _id: 3, n: 3 }]);
  });

  afterEach(async () => {
    sinon.restore();
    await client.connect();
    await db.dropDatabase();
    await client.close();
  });

  const stored = () => collection.find({}, { sort: { _id: 1 } }).toArray();

  describe('transactions', () => {
    it('are committed as a whole, reads of their own writes included', async () => {
      const seen = await client.withSession((session) => session.withTransaction(async () => {
        await collection.updateOne({ _id: 1 }, { $set: { n: 10 } }, { session });
        await collection.insertOne({ _id: 4 }, { session });
        const outside = await collection.countDocuments();
        return [outside, await collection.countDocuments({}, { session }), await collection.findOne({ _id: 1 }, { session })];
      }));
      // Drivers before 6.6 do not give back what the callback returned.
      assert.deepEqual(seen, [3, 4, { _id: 1, n: 10 }]);
      assert.deepEqual(await stored(), [{ _id: 1, n: 10 }, { _id: 2, n: 2 }, { _id: 3, n: 3 }, { _id: 4 }]);
    });

    it('leave nothing behind when they are aborted, whatever method wrote', async () => {
      const before = await stored();
      const session = client.startSession();
      session.startTransaction();
      const found = [
        await collection.find({}, { session }).sort({ _id: -1 }).limit(1).toArray(),
        await collection.distinct('n', {}, { session }),
        await collection.aggregate([{ $group: { _id: null, sum: { $sum: '$n' } } }], { session }).toArray()
      ];
      await collection.insertOne({ _id: 10 }, { session });
      await collection.insertMany([{ _id: 11 }, { _id: 12 }], { session });
      await collection.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
      await collection.updateMany({}, { $inc: { n: 1 } }, { session });
      await collection.replaceOne({ _id: 2 }, { replaced: true }, { session });
      await collection.findOneAndUpdate({ _id: 3 }, { $set: { found: true } }, { session });
      await collection.findOneAndReplace({ _id: 3 }, { found: 2 }, { session });
      await collection.findOneAndDelete({ _id: 12 }, { session });
      await collection.deleteOne({ _id: 11 }, { session });
      await collection.bulkWrite([{ insertOne: { document: { _id: 13 } } }], { session });
      await db.command({ insert: 'c', documents: [{ _id: 14 }] }, { session });
      const during = await collection.find({}, { session }).map(({ _id }) => _id).toArray();
      await collection.deleteMany({}, { session });
      await session.abortTransaction();
      await session.endSession();
      assert.deepEqual(found, [[{ _id: 3, n: 3 }], [1, 2, 3], [{ _id: null, sum: 6 }]]);
      assert.deepEqual(during.sort((a, b) => a - b), [1, 2, 3, 10, 13, 14]);
      assert.deepEqual(await stored(), before);
    });

    it('refuse the session of another client, as the Node driver does', async () => {
      const other = new mongodb.MongoClient(server.uri);
      const session = other.startSession();
      await assert.rejects(collection.insertOne({}, { session }), /ClientSession must be from the same MongoClient/);
      await session.endSession();
      await other.close();
    });
  });

  describe('change streams', () => {
    for (const of of ['collection', 'db', 'client']) {
      it(`of a ${of} see what is written natively`, async () => {
        const stream = { collection, db, client }[of].watch([{ $match: { 'ns.db': db.databaseName } }]);
        const started = once(stream, 'resumeTokenChanged');
        const next = once(stream, 'change');
        await started;
        await collection.insertOne({ _id: 'new' });
        const [{ operationType, documentKey }] = await next;
        await stream.close();
        assert.deepEqual([operationType, documentKey], ['insert', { _id: 'new' }]);
      });
    }
  });

  describe('methods', () => {
    it('bulkWrite, with the Node driver\'s result', async () => {
      const result = await collection.bulkWrite([
        { updateMany: { filter: { n: { $gt: 1 } }, update: { $inc: { n: 1 } } } },
        { deleteOne: { filter: { _id: 1 } } }
      ]);
      assert.ok(result instanceof require('mongodb/lib/bulk/common').BulkWriteResult);
      assert.deepEqual([result.modifiedCount, result.deletedCount], [2, 1]);
    });

    it('their errors are the Node driver\'s', async () => {
      await assert.rejects(collection.bulkWrite([{ insertOne: { document: { _id: 1 } } }]), mongodb.MongoBulkWriteError);
    });

    for (const method of ['initializeOrderedBulkOp', 'initializeUnorderedBulkOp']) {
      it(`${method}: bulks that are made step by step`, async () => {
        const bulk = collection[method]();
        bulk.find({ _id: 1 }).deleteOne();
        bulk.find({ _id: 7 }).upsert().updateOne({ $set: { n: 7 } }).insert({ _id: 9 });
        bulk.find({ n: { $lt: 4 } }).collation({ locale: 'en' }).update({ $inc: { n: 1 } });
        bulk.find({ _id: 9 }).replaceOne({ n: 9 });
        bulk.raw({ insertOne: { document: { _id: 10 } } });
        bulk.find({ n: 9 }).hint({ _id: 1 }).delete();
        assert.equal(bulk.length, 7);
        const { deletedCount, upsertedCount, insertedCount } = await bulk.execute();
        assert.deepEqual([upsertedCount, insertedCount], [1, 2]);
        if (method === 'initializeOrderedBulkOp') {
          assert.equal(deletedCount, 2);
          assert.deepEqual(await stored(), [{ _id: 2, n: 3 }, { _id: 3, n: 4 }, { _id: 7, n: 7 }, { _id: 10 }]);
        }
      });
    }

    it('a bulk that cannot be says so when it is executed', async () => {
      await assert.rejects(collection.initializeOrderedBulkOp().execute(), { name: 'MongoInvalidArgumentError' });
    });

    it('GridFS takes our database', async () => {
      const bucket = new mongodb.GridFSBucket(db, { bucketName: 'files' });
      const content = Buffer.alloc(600000, 'abc');
      const upload = bucket.openUploadStream('name');
      await pipeline(Readable.from([content]), upload);
      assert.ok(content.equals(await buffer(bucket.openDownloadStream(upload.id))));
      assert.equal((await bucket.find({ filename: 'name' }).toArray()).length, 1);
      await bucket.delete(upload.id);
      assert.equal(await db.collection('files.chunks').countDocuments(), 0);
    });

    it('of the server\'s administration', async () => {
      assert.equal((await db.admin().serverStatus()).process, 'mongod');
      const { databases } = await db.admin().listDatabases({ nameOnly: true, filter: { name: db.databaseName } });
      assert.deepEqual(databases, [{ name: db.databaseName }]);
    });

    it('keep the options of the database and collection they are called on', async () => {
      const commands = [];
      client.on('commandStarted', ({ command }) => commands.push(command));
      const writeConcern = { w: 1, journal: true };
      await client.db(db.databaseName, { writeConcern, readPreference: facade.ReadPreference.nearest }).collection('c').bulkWrite([{ deleteOne: { filter: {} } }]);
      await client.db(db.databaseName).collection('c', { readPreference: facade.ReadPreference.nearest }).count();
      assert.deepEqual(commands[0].writeConcern, { w: 1, j: true });
      assert.equal(commands[1].$readPreference.mode, 'nearest');
    });
  });

  describe('options', () => {
    it('that only the Node driver knows are honoured, of a call', async () => {
      assert.ok(Buffer.isBuffer(await collection.findOne({ _id: 1 }, { raw: true })));
      assert.deepEqual(await collection.find({ _id: 1 }, { promoteValues: false }).toArray(), [{ _id: new mongodb.Int32(1), n: new mongodb.Int32(1) }]);
      const { queryPlanner } = await collection.updateOne({ _id: 1 }, { $set: { n: 0 } }, { explain: 'queryPlanner' });
      assert.ok(queryPlanner);
      await assert.rejects(collection.findOne({}, { signal: AbortSignal.abort(new Error('enough')) }), { message: 'enough' });
      assert.deepEqual(await db.listCollections({}, { nameOnly: true, raw: false, signal: new AbortController().signal }).toArray(), [{ name: 'c', type: 'collection' }]);
    });

    it('of a database or a collection are for all that is called on it', async () => {
      await collection.insertOne({ _id: 'long', l: mongodb.Long.fromNumber(5) });
      for (const held of [client.db(db.databaseName, { useBigInt64: true }).collection('c'), db.collection('c', { useBigInt64: true })]) {
        assert.equal((await held.findOne({ _id: 'long' })).l, 5n);
        assert.deepEqual(await held.find({ _id: 'long' }).map(({ l }) => l).toArray(), [5n]);
      }
    });

    it('that nobody knows change nothing, and at their defaults nothing is forwarded', async () => {
      const opened = sinon.spy(mongodb.MongoClient.prototype, 'connect');
      const options = { raw: false, promoteLongs: true, session: undefined, fieldsAsRaw: null, upserrt: true, useFindAndModify: false };
      assert.deepEqual(await collection.findOne({ _id: 1 }, options), { _id: 1, n: 1 });
      await collection.updateOne({ _id: 1 }, { $set: { n: 5 } }, options);
      sinon.assert.notCalled(opened);
    });
  });

  it('the Node driver\'s read preferences and concerns are taken by what is done natively', async () => {
    const opened = sinon.spy(mongodb.MongoClient.prototype, 'connect');
    const options = {
      readPreference: mongodb.ReadPreference.secondaryPreferred, readConcern: new mongodb.ReadConcern('majority'),
      writeConcern: new mongodb.WriteConcern('majority', 5000, true)
    };
    const held = db.collection('c', options);
    assert.deepEqual([held.readPreference.mode, held.readConcern.level, held.writeConcern.w], ['secondaryPreferred', 'majority', 'majority']);
    await held.updateOne({ _id: 1 }, { $set: { n: 7 } });
    const found = held.find({ _id: 1 }).withReadPreference(mongodb.ReadPreference.primary).withReadConcern({ level: 'local' });
    assert.deepEqual(await found.toArray(), [{ _id: 1, n: 7 }]);
    sinon.assert.notCalled(opened);
  });

  describe('cursors', () => {
    it('count and explain ask without reading', async () => {
      const cursor = collection.find({ n: { $gt: 1 } }).sort({ n: 1 });
      assert.equal(await cursor.count(), 2);
      assert.ok((await cursor.explain('queryPlanner')).queryPlanner);
      assert.ok(await collection.aggregate([]).explain());
      assert.deepEqual(await cursor.toArray(), [{ _id: 2, n: 2 }, { _id: 3, n: 3 }]);
    });

    it('a setting that only the Node driver has keeps what was set before and is set afterwards', async () => {
      const cursor = collection.find().sort({ _id: 1 }).addCursorFlag('noCursorTimeout', true).project({ _id: 1 }).batchSize(2)
        .map(({ _id }) => _id);
      const copy = cursor.clone();
      assert.equal(await cursor.next(), 1);
      assert.equal(cursor.bufferedCount(), 1);
      assert.deepEqual([await cursor.hasNext(), await cursor.next(), await cursor.next(), await cursor.next()], [true, 2, 3, null]);
      assert.ok(cursor.closed);
      cursor.rewind();
      const again = [];
      for await (const id of cursor) again.push(id);
      assert.deepEqual(again, [1, 2, 3]);
      assert.deepEqual(await copy.toArray(), [{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
    });

    it('bounds of an index', async () => {
      const ids = collection.find().hint({ _id: 1 }).min({ _id: 2 }).max({ _id: 3 }).map(({ _id }) => _id);
      assert.deepEqual(await ids.toArray(), [2]);
    });

    it('a tailable one goes on when there is more', async () => {
      const log = await db.createCollection('log', { capped: true, size: 4096 });
      await log.insertOne({ _id: 1 });
      const cursor = db.collection('log').find().addCursorFlag('tailable', true).addCursorFlag('awaitData', true).maxAwaitTimeMS(50);
      assert.deepEqual(await cursor.next(), { _id: 1 });
      assert.equal(await cursor.tryNext(), null);
      await db.collection('log').insertOne({ _id: 2 });
      assert.deepEqual(await cursor.next(), { _id: 2 });
      await cursor.close();
      await assert.rejects(cursor.next(), facade.MongoCursorExhaustedError);
    });

    it('are not kept by the Node driver\'s client once they are read', async () => {
      const { client: theirs } = client.startSession();
      await collection.find().addCursorFlag('noCursorTimeout', true).toArray();
      await collection.find().returnKey(true).close();
      await collection.find().count();
      assert.equal(theirs.s.activeCursors.size, 0);
    });
  });

  describe('events', () => {
    it('tell of the commands that are forwarded, and of no others', async () => {
      const names = [];
      const listen = ({ commandName }) => names.push(commandName);
      client.on('commandStarted', listen);
      await collection.findOne();
      await collection.findOne({}, { allowPartialResults: false });
      await collection.isCapped();
      client.off('commandStarted', listen);
      await collection.isCapped();
      assert.deepEqual(names, ['find', 'listCollections']);
    });

    it('tell of commands only when `monitorCommands` asks for it', async () => {
      const quiet = new facade.MongoClient(server.uri);
      const started = sinon.spy();
      const ready = sinon.spy();
      quiet.on('commandStarted', started);
      quiet.on('connectionReady', ready);
      await quiet.db('admin').admin().serverStatus();
      await quiet.close();
      sinon.assert.notCalled(started);
      sinon.assert.called(ready);
    });

    it('open and topologyClosed come once', async () => {
      const told = [];
      const other = new facade.MongoClient(server.uri);
      for (const event of ['open', 'topologyClosed']) other.on(event, () => told.push(event));
      await other.connect();
      await other.db('admin').admin().serverStatus();
      await other.close();
      assert.deepEqual(told, ['open', 'topologyClosed']);
    });
  });

  describe('the Node driver\'s client', () => {
    it('has the settings of ours, those of earlier drivers included', async () => {
      const other = new facade.MongoClient(`${server.uri}&poolSize=7&appName=shop&autoReconnect=true`, {
        useUnifiedTopology: true, keepAlive: true, reconnectTries: 5, minSize: 1, sslValidate: false, readPreference: 'nearest'
      });
      const { options } = other.startSession().client;
      assert.deepEqual(
        [options.maxPoolSize, options.minPoolSize, options.appName, options.rejectUnauthorized, options.readPreference.mode],
        [7, 1, 'shop', false, 'nearest']
      );
      await other.close();
    });

    it('is opened when something is forwarded, and is one', async () => {
      const opened = sinon.spy(mongodb.MongoClient.prototype, 'connect');
      await collection.findOne();
      sinon.assert.notCalled(opened);
      await Promise.all([collection.count(), db.stats(), db.collection('other').isCapped().catch(() => {})]);
      assert.equal(new Set(opened.thisValues).size, 1);
    });

    it('is closed with ours, and connected again with it', async () => {
      await db.stats();
      const closed = sinon.spy(mongodb.MongoClient.prototype, 'close');
      await client.close();
      sinon.assert.calledOnce(closed);
      await assert.rejects(db.stats(), { name: 'MongoNotConnectedError' });
      await client.connect();
      assert.equal((await db.stats()).ok, 1);
    });

    it('is closed from the start when ours was closed before', async () => {
      await client.close();
      await assert.rejects(db.stats(), { name: 'MongoNotConnectedError' });
      await assert.rejects(collection.initializeOrderedBulkOp().execute(), { name: 'MongoNotConnectedError' });
    });
  });
});
