'use strict';

const assert = require('node:assert/strict');
const { usePair } = require('./pair');

const seed = [{ _id: 1, a: 1, b: 2, t: 'words' }];

describe('facade: indexes', () => {
  const { both, same, refused } = usePair();
  /** What the server has then. */
  const indexes = ({ witness, name }) => witness.collection(name).indexes();

  for (const [form, spec] of Object.entries({
    'a name': 'a',
    'names': ['a', 'b'],
    'a pair': ['a', -1],
    'pairs': [['a', 1], ['b', -1]],
    'an object': { a: 1, b: -1 },
    'objects': [{ a: 1 }, { b: -1 }],
    'a Map': new Map([['b', 1], ['a', -1]]),
    'Maps': [new Map([['b', 1]]), new Map([['a', -1]])],
    'a text index': { t: 'text' },
    'a pair with a kind': ['a', '2dsphere'],
    'a kind': { a: 'hashed' },
    'a wildcard': { '$**': 1 },
    'keys that look like numbers': new Map([['2', 1], ['1', 1]])
  })) {
    same(`createIndex with ${form}`, [], async (context) => [await context.collection.createIndex(spec), await indexes(context)]);
  }

  same('createIndex with options', seed, async (context) => {
    const name = await context.collection.createIndex(
      { a: 1 },
      {
        name: 'mine', unique: true, sparse: true, hidden: true, expireAfterSeconds: 60, collation: { locale: 'en' },
        version: 2, background: true, maxTimeMS: 5000, commitQuorum: undefined, unknown: 1
      }
    );
    return [name, await indexes(context)];
  });
  same('createIndex with a partial filter', seed, async (context) => [
    await context.collection.createIndex({ a: 1 }, { partialFilterExpression: { a: { $gt: 0 } } }),
    await indexes(context)
  ]);
  same('createIndex, twice', seed, async ({ collection }) => [
    await collection.createIndex({ a: 1 }, { expireAfterSeconds: 0 }),
    await collection.createIndex({ a: 1 }, { expireAfterSeconds: 0 })
  ]);
  same('createIndexes', seed, async (context) => [
    await context.collection.createIndexes([
      { key: { a: 1 } },
      { key: new Map([['b', -1], ['a', 1]]), name: 'both', unique: true },
      { key: { t: 'text' }, weights: { t: 5 }, default_language: 'english' }
    ]),
    await indexes(context)
  ]);
  same('indexes and listIndexes', seed, async ({ collection }) => {
    await collection.createIndex({ a: 1, b: 1 });
    return [
      await collection.indexes(),
      await collection.indexes({ full: false }),
      await collection.indexInformation(),
      await collection.indexInformation({ full: true }),
      await collection.listIndexes({ batchSize: 1 }).toArray(),
      await collection.indexExists('a_1_b_1'),
      await collection.indexExists(['_id_', 'nope'])
    ];
  });
  same('by the database', seed, async ({ db, name }) => [await db.createIndex(name, { a: 1 }), await db.indexInformation(name)]);
  same('dropIndex', seed, async (context) => {
    await context.collection.createIndex({ a: 1 });
    return [await context.collection.dropIndex('a_1'), await indexes(context)];
  });
  same('dropIndexes', seed, async (context) => {
    await context.collection.createIndex({ a: 1 });
    return [await context.collection.dropIndexes(), await indexes(context)];
  });
  same('dropIndexes of a collection that does not exist', [], ({ collection }) => collection.dropIndexes());

  refused('the same index with another expiry', seed, async ({ collection }) => {
    await collection.createIndex({ a: 1 }, { expireAfterSeconds: 0 });
    return collection.createIndex({ a: 1 }, { expireAfterSeconds: 9 });
  });
  refused('a unique index over duplicates', [...seed, { _id: 2, a: 1 }], ({ collection }) => collection.createIndex({ a: 1 }, { unique: true }));
  refused('no keys', seed, ({ collection }) => collection.createIndex({}));
  refused('an unknown kind', seed, ({ collection }) => collection.createIndex({ a: 'wat' }));
  refused('an option of the wrong type', seed, ({ collection }) => collection.createIndex({ a: 1 }, { expireAfterSeconds: 'x' }));
  refused('an explanation', seed, ({ collection }) => collection.createIndex({ a: 1 }, { explain: true }));
  refused('createIndexes without keys', seed, ({ collection }) => collection.createIndexes([{}]));
  refused('createIndexes of nothing', seed, ({ collection }) => collection.createIndexes([]));
  refused('dropIndex of none', seed, ({ collection }) => collection.dropIndex('nope'));
  refused('dropIndex of that on _id', seed, ({ collection }) => collection.dropIndex('_id_'));
  refused('indexes of a collection that does not exist', [], ({ collection }) => collection.indexes());

  it('a second index of the same name is not created', async () => {
    const { ours } = await both(seed, async ({ collection }) => {
      await collection.createIndex({ a: 1 });
      await collection.createIndex({ b: 1 }, { name: 'a_1' });
    });
    assert.equal(ours.error.codeName, 'IndexKeySpecsConflict');
  });
});
