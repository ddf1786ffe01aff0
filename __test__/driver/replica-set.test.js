'use strict';

const assert = require('node:assert/strict');
const { startMongod } = require('../../tools/mongod');
const { usePair } = require('./pair');

describe('facade: a replica set', function () {
  this.timeout(120_000);
  let server;

  before('start a replica set', async () => {
    server = await startMongod({ replicaSet: true, members: 2, args: ['--setParameter', 'enableTestCommands=1'] });
  });

  const pair = usePair({ uri: async () => server.uri });
  after('stop it', () => server?.stop());
  const { both, same, refused } = pair;
  const tooMuch = { writeConcern: { w: 9 } };

  describe('a write concern that cannot be met', () => {
    refused('insertOne', [], ({ collection }) => collection.insertOne({ _id: 1 }, tooMuch));
    refused('updateOne', [{ _id: 1 }], ({ collection }) => collection.updateOne({}, { $set: { a: 1 } }, tooMuch));
    refused('deleteMany', [{ _id: 1 }], ({ collection }) => collection.deleteMany({}, tooMuch));
    refused('findOneAndUpdate', [{ _id: 1 }], ({ collection }) => collection.findOneAndUpdate({}, { $set: { a: 1 } }, tooMuch));
    refused('createIndex', [{ _id: 1 }], ({ collection }) => collection.createIndex({ a: 1 }, tooMuch));
    refused('drop', [{ _id: 1 }], ({ collection }) => collection.drop(tooMuch));
    refused('a command', [], ({ db, name }) => db.command({ insert: name, documents: [{ _id: 1 }], writeConcern: { w: 9 } }));
    for (const ordered of [true, false]) {
      refused(`a bulk, ordered: ${ordered}`, [{ _id: 1 }], ({ collection }) =>
        collection.bulkWrite(
          [{ insertOne: { document: { _id: 2 } } }, { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } }],
          { ordered, ...tooMuch }
        ));
    }
    refused('a bulk with a failed write', [{ _id: 1 }], ({ collection }) =>
      collection.bulkWrite([{ insertOne: { document: { _id: 1 } } }], tooMuch));
  });

  describe('where reads go', () => {
    const where = async (running) => Boolean((await running).secondary);

    it('a command with a read preference goes to a secondary', async () => {
      const { node, ours } = await both([], async ({ db }) => [
        await where(db.command({ hello: 1 }, { readPreference: 'secondary' })),
        await where(db.command({ hello: 1 })),
        await where(db.admin().command({ hello: 1 }, { readPreference: 'secondary' }))
      ]);
      assert.deepEqual(node.value, [true, false, true]);
      assert.deepEqual(ours.value, node.value);
    });

    same('a find from a secondary, over several batches', Array.from({ length: 20 }, (_, _id) => ({ _id })), async ({ collection, witness, name }) => {
      // Majority: then the secondary has it.
      await witness.collection(name).insertOne({ _id: 'last' }, { writeConcern: { w: 2 } });
      return collection.find({}, { readPreference: 'secondary', batchSize: 3, sort: { _id: 1 } }).toArray();
    });
    it('a tag that no member has finds no server', async () => {
      const readPreference = { mode: 'secondary', tags: [{ dc: 'nowhere' }] };
      const { node, ours } = await both([], async ({ driver }) => {
        const hurried = new driver.MongoClient(server.uri, { serverSelectionTimeoutMS: 100 });
        try {
          await hurried.db('x').collection('c').findOne({}, { readPreference });
        } finally {
          await hurried.close();
        }
      });
      assert.equal(node.error.name, 'MongoServerSelectionError');
      assert.equal(ours.error.name, node.error.name);
    });
  });

  describe('a connection that breaks', () => {
    /** Makes the server close the connection instead of running the next of these commands. */
    const breakOnce = (failCommands) =>
      pair.witness.db('admin').command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data: { failCommands, closeConnection: true } });
    afterEach(() => pair.witness.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' }));

    for (const [command, title, call] of [
      ['find', 'findOne', (collection) => collection.findOne()],
      ['aggregate', 'countDocuments', (collection) => collection.countDocuments()],
      ['distinct', 'distinct', (collection) => collection.distinct('a')],
      ['update', 'updateOne by _id that sets', (collection) => collection.updateOne({ _id: 1 }, { $set: { a: 2 } })],
      ['delete', 'deleteOne by _id', (collection) => collection.deleteOne({ _id: 1 })]
    ]) {
      same(`${title} does not notice`, [{ _id: 1, a: 1 }], async ({ collection }) => {
        await breakOnce([command]);
        return call(collection);
      });
    }

    it('what may not be sent twice fails, once', async () => {
      const { ours } = await both([{ _id: 1, n: 1 }], async ({ collection }) => {
        await breakOnce(['update']);
        return collection.updateOne({ _id: 1 }, { $inc: { n: 1 } });
      });
      assert.equal(ours.error.name, 'MongoNetworkError');
      assert.equal(ours.outcome.left.length, 1);
    });
  });

  same('a majority, read and written', [], async ({ collection }) => {
    await collection.insertOne({ _id: 1 }, { writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10000 } });
    return collection.find({}, { readConcern: 'majority' }).toArray();
  });
  same('a reply\'s own fields', [], ({ db }) => db.command({ ping: 1 }));
});
