'use strict';

const assert = require('node:assert/strict');
const { usePair } = require('./pair');

const seed = [{ _id: 1 }];

describe('facade: databases and collections', () => {
  const { both, same, refused } = usePair();

  describe('Db', () => {
    same('names', [], ({ client, db, name }) => [
      db.databaseName,
      db.namespace,
      client.db('x').databaseName,
      client.db().databaseName,
      client.db('').databaseName,
      db.collection(name).collectionName,
      db.collection(name).dbName,
      db.collection(name).namespace,
      db.collection('').namespace
    ]);
    same('command', [], ({ db }) => db.command({ ping: 1 }));
    same('command with a read preference', seed, ({ db, name }) =>
      db.command({ count: name, query: {} }, { readPreference: 'secondaryPreferred' }));
    same('command: errors of its writes are in the reply', seed, ({ db, name }) =>
      db.command({ insert: name, documents: [{ _id: 1 }] }));
    refused('an unknown command', [], ({ db }) => db.command({ wat: 1 }));
    refused('a command with an unmet write concern', [], ({ db, name }) =>
      db.command({ insert: name, documents: [{ _id: 1 }], writeConcern: { w: 3 } }));
    same('createCollection', [], async ({ db, name, witness }) => {
      const made = await db.createCollection(name, { capped: true, size: 4096, max: 3, comment: 'why' });
      const [{ options, type }] = await witness.listCollections({ name }).toArray();
      return [made, made.collectionName, options, type];
    });
    same('createCollection with a collation', [], async ({ db, name, witness }) => {
      await db.createCollection(name, { collation: { locale: 'en' } });
      return (await witness.listCollections({ name }).toArray())[0].options;
    });
    refused('createCollection of one that exists differently', seed, ({ db, name }) => db.createCollection(name, { capped: true, size: 1 }));
    refused('createCollection with an unknown option', [], ({ db, name }) => db.createCollection(name, { wat: 1 }));
    same('listCollections', seed, async ({ db, name }) => [
      (await db.listCollections({ name }).toArray()).map(({ name: found, type, options, idIndex }) => [found, type, options, idIndex]),
      await db.listCollections({ name }, { nameOnly: true }).toArray(),
      await db.listCollections({ name: 'nope' }).toArray(),
      await db.listCollections({ name }, { authorizedCollections: true, nameOnly: true, batchSize: 1, comment: 'why' }).toArray()
    ]);
    same('collections', seed, async ({ db, name }) => (await db.collections()).filter(({ collectionName }) => collectionName === name));
    same('dropCollection', seed, ({ db, name }) => db.dropCollection(name));
    same('renameCollection', seed, async ({ db, name }) => {
      const renamed = await db.renameCollection(name, `${name}_renamed`);
      return [renamed, await renamed.find().toArray()];
    });
    same('stats', seed, async ({ db }) => Object.keys(await db.stats({ scale: 1024 })));
    same('dropDatabase', seed, ({ client, database }) => client.db(`${database}_x`).dropDatabase());
    refused('a callback', [], ({ db }) => db.collection('a', () => {}));
    refused('listCollections with a filter that is none', [], ({ db }) => db.listCollections('x').toArray());
  });

  describe('Collection', () => {
    same('drop', seed, ({ collection }) => collection.drop());
    same('drop of one that does not exist', [], ({ collection }) => collection.drop().catch(({ code }) => code));
    same('rename', seed, async ({ collection, name }) => {
      const renamed = await collection.rename(`${name}_renamed`);
      return [renamed.collectionName, renamed.namespace, await renamed.findOne()];
    });
    refused('rename to one that exists', seed, async ({ collection, witness, name }) => {
      await witness.collection(`${name}_b`).insertOne({ _id: 1 });
      return collection.rename(`${name}_b`);
    });
    same('rename to one that exists, dropping it', seed, async ({ collection, witness, name }) => {
      await witness.collection(`${name}_b`).insertOne({ _id: 5 });
      return (await collection.rename(`${name}_b`, { dropTarget: true })).find().toArray();
    });
    refused('rename of one that does not exist', [], ({ collection }) => collection.rename('b'));
    same('options and isCapped', [], async ({ db, name }) => {
      const made = await db.createCollection(name, { capped: true, size: 4096 });
      return [await made.options(), await made.isCapped()];
    });
    refused('options of one that does not exist', [], ({ collection }) => collection.options());
  });

  describe('Admin', () => {
    same('ping', [], ({ db }) => db.admin().ping());
    same('command', [], ({ db }) => db.admin().command({ getParameter: 1, quiet: 1 }));
    same('buildInfo', [], ({ db }) => db.admin().buildInfo());
    same('serverInfo', [], ({ db }) => db.admin().serverInfo());
    same('serverStatus', [], async ({ db }) => (await db.admin().serverStatus()).process);
    same('listDatabases', seed, async ({ db, database }) =>
      (await db.admin().listDatabases({ filter: { name: database }, nameOnly: true })).databases);
    refused('replSetGetStatus of a single server', [], ({ db }) => db.admin().replSetGetStatus());
    refused('an unknown command', [], ({ db }) => db.admin().command({ wat: 1 }));
  });

  describe('what is inherited', () => {
    same('concerns and read preference of the database and the collection', [], ({ client }) => {
      const db = client.db('x', { readPreference: 'nearest', readConcern: { level: 'majority' }, writeConcern: { w: 2, wtimeoutMS: 5, journal: true } });
      const plain = db.collection('c');
      const own = db.collection('c', { readPreference: 'primary', readConcern: 'local', writeConcern: { w: 1 } });
      return [plain, own].map(({ readPreference, readConcern, writeConcern }) => [readPreference.mode, readConcern.level, { ...writeConcern }]);
    });
    refused('a write concern of the collection is sent', [], ({ db, name }) =>
      db.collection(name, { writeConcern: { w: 4 } }).insertOne({ _id: 1 }));
    refused('a write concern of the database is sent', [], ({ client, database, name }) =>
      client.db(database, { writeConcern: { w: 4 } }).collection(name).deleteMany());
    refused('a read concern of the collection is sent', [], ({ db, name }) =>
      db.collection(name, { readConcern: { level: 'nope' } }).findOne());
    same('a call has the last word', [], ({ db, name }) =>
      db.collection(name, { writeConcern: { w: 4 } }).insertOne({ _id: 1 }, { writeConcern: { w: 1 } }));
    same('ignoreUndefined of the collection', [], ({ db, name }) =>
      db.collection(name, { ignoreUndefined: true }).insertOne({ _id: 1, a: undefined, b: [undefined], c: { d: undefined } }));
    same('keys of the database\'s own making', [], async ({ client, database, name }) => {
      const made = client.db(database, { pkFactory: { createPk: () => 'made' } }).collection(name);
      return [await made.insertOne({ a: 1 }), await made.findOne()];
    });
    same('unacknowledged writes', seed, async ({ collection, witness, name }) => {
      const options = { writeConcern: { w: 0 } };
      const stored = (query) => witness.collection(name).countDocuments(query);
      const results = [];
      // Nobody says when they are done, and those of several connections may change places.
      for (const [write, isDone] of [
        [() => collection.insertOne({ _id: 2 }, options), async () => await stored({ _id: 2 }) === 1],
        [() => collection.updateOne({ _id: 1 }, { $set: { a: 1 } }, options), async () => await stored({ a: 1 }) === 1],
        [() => collection.deleteOne({ _id: 2 }, options), async () => await stored({ _id: 2 }) === 0],
        [() => collection.insertMany([{ _id: 3 }], options), async () => await stored({ _id: 3 }) === 1],
        [() => collection.insertOne({ _id: 1 }, options), async () => true]
      ]) {
        results.push(await write());
        while (!(await isDone()));
      }
      return results;
    });
  });

  it('an empty command is refused, where the Node driver sends its own fields as one', async () => {
    const { node, ours } = await both([], ({ db }) => db.command({}));
    assert.equal(node.error.message, "no such command: 'lsid'");
    assert.equal(ours.error.name, 'MongoInvalidArgumentError');
  });

  it('a database name must be a string', async () => {
    const { ours } = await both([], ({ client }) => client.db(5));
    assert.equal(ours.error.name, 'MongoInvalidArgumentError');
    assert.equal(ours.error.message, 'Database name must be a string; got number');
  });
});
