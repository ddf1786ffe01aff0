'use strict';

/** The versions of the Node driver that applications have. */

const assert = require('node:assert/strict');
const path = require('node:path');
const { startMongod } = require('../../tools/mongod');
const { ROOT } = require('../loading/run');
const { uniqueName } = require('../support/server');
const { BareApplication } = require('./bare-application');

/** Ends by itself only when all that keeps a process alive is closed. */
const PROGRAM = `
  const mongodb = require('mongodb');
  const { MongoClient } = require('connect-mongodb-session/driver');
  const client = new MongoClient(process.env.TEST_URI, { monitorCommands: true, useUnifiedTopology: true, keepAlive: true });
  const db = client.db(process.env.TEST_DATABASE);
  const collection = db.collection('c');
  const commands = new Set();
  client.on('commandStarted', ({ commandName }) => commands.add(commandName));
  (async () => {
    await collection.insertMany([{ _id: 1, n: 1 }, { _id: 2, n: 2 }, { _id: 3, n: 3 }]);
    await client.withSession((session) => session.withTransaction(async () => {
      await collection.updateOne({ _id: 1 }, { $set: { n: 10 } }, { session });
      await collection.deleteOne({ _id: 2 }, { session });
    }));
    const session = client.startSession();
    session.startTransaction();
    await collection.insertOne({ _id: 4 }, { session });
    await session.abortTransaction();
    await session.endSession();
    const changes = collection.watch();
    const change = changes.next();
    // The stream begins with what is written once the server has it open.
    let seen = false;
    change.then(() => { seen = true; });
    while (!seen) await collection.updateOne({ _id: 3 }, { $inc: { n: 1 } });
    const { operationType } = await change;
    await changes.close();
    await collection.bulkWrite([{ insertOne: { document: { made: true } } }]);
    const { _id } = await collection.findOne({ made: true }, { promoteLongs: true, promoteBuffers: true });
    const bulk = collection.initializeOrderedBulkOp();
    bulk.find({ _id }).deleteOne();
    await bulk.execute();
    const cursor = collection.find().sort({ _id: 1 }).addCursorFlag('noCursorTimeout', true).batchSize(2).project({ _id: 1 });
    const ids = [];
    for await (const document of cursor) ids.push(document._id);
    const all = await collection.find({}, { showRecordId: false }).sort({ _id: 1 }).map((document) => document._id).toArray();
    const chunks = [];
    // In version 4 it calls methods with callbacks, which ours do not take.
    if (process.env.GRIDFS === 'true') {
      const bucket = new mongodb.GridFSBucket(db);
      const upload = bucket.openUploadStream('file');
      await new Promise((resolve, reject) => upload.on('error', reject).on('finish', resolve).end('content'));
      for await (const chunk of bucket.openDownloadStream(upload.id)) chunks.push(chunk);
    }
    const told = {
      first: (await collection.findOne({ _id: 1 })).n, ids, all, operationType, own: _id instanceof mongodb.ObjectId,
      content: Buffer.concat(chunks).toString(), monitored: commands.has('commitTransaction'), ok: (await db.stats()).ok
    };
    await db.dropDatabase();
    await client.close();
    await client.connect();
    await db.stats();
    await client.close();
    told.closed = await db.stats().catch(({ name }) => name);
    console.log(JSON.stringify(told));
  })();
`;

describe('facade: versions of the Node driver', function() {
  this.timeout(120_000);
  this.slow(10000);
  let server;
  let application;

  before('start a replica set', async () => {
    server = await startMongod({ replicaSet: true });
  });
  after('stop it', () => server?.stop());

  beforeEach(() => {
    application = new BareApplication();
  });
  afterEach(() => application.remove());

  for (const name of ['mongodb4', 'mongodb5', 'mongodb', 'mongodb7']) {
    const { version, engines } = require(`${name}/package.json`);
    const isForLaterNode = process.versions.node.localeCompare(/\d+[\d.]*/.exec(engines.node)[0], 'en', { numeric: true }) < 0;

    (isForLaterNode ? it.skip : it)(`${version}: transactions, change streams, bulks, cursors, GridFS, closing`, async () => {
      application.link('mongodb', path.join(ROOT, 'node_modules', name));
      const { code, output } = await application.run(PROGRAM, {
        NODE_NO_WARNINGS: '1', TEST_URI: server.uri, TEST_DATABASE: uniqueName('versions'), GRIDFS: String(!version.startsWith('4.'))
      });
      assert.equal(code, 0, output);
      assert.deepEqual(JSON.parse(output), {
        first: 10, ids: [1, 3], all: [1, 3], operationType: 'update', own: true, content: version.startsWith('4.') ? '' : 'content', monitored: true, ok: 1,
        closed: 'MongoNotConnectedError'
      });
    });
  }
});
