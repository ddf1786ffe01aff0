'use strict';

const assert = require('node:assert/strict');
const sinon = require('sinon');
const { MongoClient, ObjectId } = require('../../lib/driver');
const { mongoUri } = require('../support/server');

/** Whether a call's command may be sent again when the connection breaks. */
const CASES = [
  ['findOne', (c) => c.findOne({ a: 1 }), true],
  ['find', (c) => c.find().toArray(), true],
  ['countDocuments', (c) => c.countDocuments(), true],
  ['estimatedDocumentCount', (c) => c.estimatedDocumentCount(), true],
  ['distinct', (c) => c.distinct('a'), true],
  ['an aggregation', (c) => c.aggregate([]).toArray(), true],
  ['an aggregation that writes', (c) => c.aggregate([{ $out: 'facade_out' }]).toArray(), false],
  ['listCollections', (c) => c.db.listCollections().toArray(), true],
  ['a command of the application', (c) => c.db.command({ ping: 1 }), false],
  ['insertOne', (c) => c.insertOne({}), false],
  ['insertMany', (c) => c.insertMany([{}]), false],
  ['deleteOne by _id', (c) => c.deleteOne({ _id: 'a' }), true],
  ['deleteOne by an ObjectId', (c) => c.deleteOne({ _id: new ObjectId(), a: 1 }), true],
  ['deleteOne by a document that is the _id', (c) => c.deleteOne({ _id: { a: 1 } }), true],
  ['deleteOne by something else', (c) => c.deleteOne({ a: 1 }), false],
  ['deleteOne by several _ids', (c) => c.deleteOne({ _id: { $in: [1, 2] } }), false],
  ['deleteOne by a pattern', (c) => c.deleteOne({ _id: /a/ }), false],
  ['deleteMany', (c) => c.deleteMany({ a: 1 }), true],
  ['updateOne by _id that sets', (c) => c.updateOne({ _id: 1 }, { $set: { a: 1 }, $unset: { b: 1 } }), true],
  ['updateOne by _id that upserts', (c) => c.updateOne({ _id: 1 }, { $set: { a: 1 }, $setOnInsert: { b: 1 } }, { upsert: true }), true],
  ['updateOne by something else', (c) => c.updateOne({ a: 1 }, { $set: { a: 2 } }), false],
  ['updateOne by _id that adds', (c) => c.updateOne({ _id: 1 }, { $set: { a: 1 }, $inc: { b: 1 } }), false],
  ['updateOne by _id with a pipeline', (c) => c.updateOne({ _id: 1 }, [{ $set: { a: 1 } }]), false],
  ['updateMany that sets', (c) => c.updateMany({ a: 1 }, { $set: { b: 1 } }), true],
  ['updateMany that adds', (c) => c.updateMany({ a: 1 }, { $inc: { b: 1 } }), false],
  ['updateMany that upserts', (c) => c.updateMany({ a: 9 }, { $set: { b: 1 } }, { upsert: true }), false],
  ['replaceOne by _id', (c) => c.replaceOne({ _id: 1 }, { a: 1 }), true],
  ['replaceOne by something else', (c) => c.replaceOne({ a: 1 }, { a: 1 }), false],
  ['findOneAndUpdate by _id', (c) => c.findOneAndUpdate({ _id: 1 }, { $set: { a: 1 } }), false],
  ['drop', (c) => c.drop(), false]
];

describe('facade: what may be sent twice', () => {
  let client;

  beforeEach(async () => {
    client = new MongoClient(await mongoUri(`facade_idempotent_${process.pid}`));
    await client.db().collection('c').insertOne({ _id: 'seed' });
  });

  afterEach(async () => {
    await client.db().dropDatabase();
    await client.close();
  });

  /** The options of the first command that a call sends. */
  async function sent(call) {
    const command = sinon.spy(client.native, 'command');
    const cursor = sinon.spy(client.native, 'openCursor');
    try {
      await call(client.db().collection('c'));
      return [...command.args, ...cursor.args][0][2];
    } finally {
      command.restore();
      cursor.restore();
    }
  }

  for (const [title, call, expected] of CASES) {
    it(`${title}: ${expected ? 'yes' : 'no'}`, async () => {
      assert.equal((await sent(call)).idempotent ?? false, expected);
    });
  }

  it('no read when retryReads is false, no write when retryWrites is', async () => {
    client.settings.retryReads = false;
    assert.equal((await sent((c) => c.findOne())).idempotent, undefined);
    assert.equal((await sent((c) => c.deleteMany())).idempotent, true);
    client.settings.retryReads = true;
    client.settings.retryWrites = false;
    assert.equal((await sent((c) => c.findOne())).idempotent, true);
    assert.equal((await sent((c) => c.deleteMany())).idempotent, undefined);
  });

  describe('other options of a command', () => {
    it('the read preference of reads, with its tags and staleness', async () => {
      const readPreference = { mode: 'secondaryPreferred', tags: [{ dc: 'east' }, {}], maxStalenessSeconds: 120 };
      assert.deepEqual(await sent((c) => c.findOne({}, { readPreference })), { readPreference, idempotent: true, batchSize: 1000 });
      assert.deepEqual(await sent((c) => c.db.command({ ping: 1 }, { readPreference: 'nearest' })), { readPreference: { mode: 'nearest' } });
    });

    it('writes go to the primary whatever the read preference', async () => {
      const readPreference = 'nearest';
      assert.deepEqual(await sent((c) => c.deleteMany({}, { readPreference })), { idempotent: true });
      assert.deepEqual(await sent((c) => c.findOneAndDelete({}, { readPreference })), {});
      assert.deepEqual(await sent((c) => c.aggregate([{ $out: 'facade_out' }], { readPreference }).toArray()), { batchSize: 1000 });
    });

    it('the size of a cursor\'s later batches', async () => {
      assert.equal((await sent((c) => c.find({}, { batchSize: 7 }).toArray())).batchSize, 7);
    });

    it('timeoutMS', async () => {
      assert.equal((await sent((c) => c.findOne({}, { timeoutMS: 5000 }))).timeoutMS, 5000);
      assert.equal((await sent((c) => c.insertOne({}, { timeoutMS: 0 }))).timeoutMS, 0);
    });
  });
});
