'use strict';

const assert = require('node:assert/strict');
const { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID, Code, BSONRegExp } = require('bson');
const { usePair } = require('./pair');

const people = [
  { _id: 1, name: 'ada', age: 36, tags: ['a', 'b'] },
  { _id: 2, name: 'bob', age: 41, tags: [] },
  { _id: 3, name: 'cy', age: 41, tags: ['b'] }
];

const values = {
  string: 'ä€😀\ud800',
  empty: '',
  int: 7,
  negativeZero: -0,
  large: 2 ** 53,
  double: 1.5,
  bigint: 2n ** 60n,
  date: new Date(1e12),
  nothing: null,
  undefined: undefined,
  regexp: /a.b/gi,
  buffer: Buffer.from('bytes'),
  nested: { 'a.b': 1, $c: [[1, [2]], {}] },
  map: new Map([['b', 1], ['a', 2]]),
  set: new Set([1]),
  id: new ObjectId('0123456789abcdef01234567'),
  long: Long.fromString('9223372036854775807'),
  smallLong: Long.fromNumber(5),
  decimal: Decimal128.fromString('1.10'),
  binary: new Binary(Buffer.from('x'), 5),
  uuid: new UUID('00112233-4455-6677-8899-aabbccddeeff'),
  timestamp: new Timestamp({ t: 1, i: 2 }),
  min: new MinKey(),
  max: new MaxKey(),
  int32: new Int32(3),
  asDouble: new Double(3),
  code: new Code('return x', { x: 1 }),
  bsonRegExp: new BSONRegExp('a', 'i')
};

describe('facade: writing', () => {
  const { both, same, refused } = usePair();

  describe('insertOne', () => {
    same('stores every type byte by byte', [], ({ collection }) => collection.insertOne({ _id: 1, ...values }));
    same('takes any _id', [], ({ collection }) => collection.insertOne({ _id: { a: [1] }, b: 1 }));
    same('takes bypassDocumentValidation and a comment', [], ({ collection }) =>
      collection.insertOne({ _id: 1 }, { bypassDocumentValidation: true, comment: 'why' }));
    same('leaves out undefined members when asked to', [], ({ collection }) =>
      collection.insertOne({ _id: 1, a: undefined, b: { c: undefined, d: [undefined, 1] } }, { ignoreUndefined: true }));
    refused('a duplicate key', people, ({ collection }) => collection.insertOne({ _id: 1 }));
    refused('a duplicate key of a unique index', people, async ({ collection, witness, name }) => {
      await witness.collection(name).createIndex({ name: 1 }, { unique: true });
      return collection.insertOne({ _id: 9, name: 'ada' });
    });
    refused('an _id that may not be one', [], ({ collection }) => collection.insertOne({ _id: [1] }));
    refused('no document', [], ({ collection }) => collection.insertOne(null));
    refused('a document that contains itself', [], ({ collection }) => {
      const document = { _id: 1 };
      document.self = document;
      return collection.insertOne(document);
    });
    refused('a document over 16 MB', [], ({ collection }) => collection.insertOne({ _id: 1, s: 'x'.repeat(16 * 1024 * 1024) }));
    refused('an explanation', [], ({ collection }) => collection.insertOne({ _id: 1 }, { explain: true }));

    same('stores a document near 16 MB', [], async ({ collection }) => {
      await collection.insertOne({ _id: 1, s: 'x'.repeat(16 * 1024 * 1024 - 100) });
      return (await collection.findOne()).s.length;
    });

    it('gives the document an ObjectId', async () => {
      const { node, ours } = await both([], async ({ collection }) => {
        const document = { a: 1 };
        const { acknowledged, insertedId } = await collection.insertOne(document);
        const stored = await collection.findOne();
        return [acknowledged, insertedId.constructor.name, insertedId.equals(document._id), insertedId.equals(stored._id)];
      });
      assert.deepEqual(node.value, [true, 'ObjectId', true, true]);
      assert.deepEqual(ours.value, node.value);
    });

    it('leaves the _id to the server when asked to', async () => {
      const { node, ours } = await both([], async ({ collection }) => {
        const document = { a: 1 };
        const result = await collection.insertOne(document, { forceServerObjectId: true });
        return [result, document, (await collection.findOne())._id instanceof ObjectId];
      });
      assert.deepEqual(ours.value, node.value);
      assert.deepEqual(ours.value[1], { a: 1 });
    });
  });

  describe('insertMany', () => {
    same('returns the ids by index', [], ({ collection }) => collection.insertMany([{ _id: 'a' }, { _id: 2 }]));
    same('splits what is too much for one command', [], async ({ collection }) => {
      const s = 'x'.repeat(3 * 1024 * 1024);
      const result = await collection.insertMany(Array.from({ length: 8 }, (_, _id) => ({ _id, s })));
      return [result.insertedCount, Object.keys(result.insertedIds).length];
    });
    refused('stops at a duplicate key', people, ({ collection }) =>
      collection.insertMany([{ _id: 8 }, { _id: 1 }, { _id: 9 }]));
    refused('goes on after one when not ordered', people, ({ collection }) =>
      collection.insertMany([{ _id: 8 }, { _id: 1 }, { _id: 2 }, { _id: 9 }], { ordered: false }));
    refused('what is no array', [], ({ collection }) => collection.insertMany({ _id: 1 }));
    refused('an empty array', [], ({ collection }) => collection.insertMany([]));
    refused('a document over 16 MB, before anything is stored', [], ({ collection }) =>
      collection.insertMany([{ _id: 1 }, { _id: 2, s: 'x'.repeat(16 * 1024 * 1024) }]));

    it('more documents than one command may have', async function () {
      this.timeout(60000);
      const { node, ours } = await both([], async ({ collection }) => {
        const documents = Array.from({ length: 100001 }, (_, _id) => ({ _id }));
        const { insertedCount } = await collection.insertMany(documents);
        const result = [insertedCount, await collection.countDocuments()];
        await collection.drop();
        return result;
      });
      assert.deepEqual(node.value, [100001, 100001]);
      assert.deepEqual(ours.value, node.value);
    });

    it('what is no document is refused, where the Node driver stores { document: null }', async () => {
      const { ours } = await both([], ({ collection }) => collection.insertMany([{ _id: 1 }, null]));
      assert.equal(ours.error.name, 'MongoInvalidArgumentError');
      assert.equal(
        ours.error.message,
        'Collection.insertMany() cannot be called with an array that has null/undefined values'
      );
      assert.deepEqual(ours.outcome.left, []);
    });
  });

  describe('updateOne and updateMany', () => {
    for (const method of ['updateOne', 'updateMany']) {
      same(`${method}: sets`, people, ({ collection }) => collection[method]({ age: 41 }, { $set: { x: values } }));
      same(`${method}: matches without change`, people, ({ collection }) => collection[method]({ age: 41 }, { $set: { age: 41 } }));
      same(`${method}: matches nothing`, people, ({ collection }) => collection[method]({ age: 1 }, { $set: { a: 1 } }));
      same(`${method}: upserts`, people, ({ collection }) =>
        collection[method]({ _id: 9 }, { $set: { a: 1 }, $setOnInsert: { b: 2 } }, { upsert: true }));
      same(`${method}: upserts what matches`, people, ({ collection }) =>
        collection[method]({ _id: 1 }, { $inc: { age: 1 } }, { upsert: true }));
      same(`${method}: a pipeline`, people, ({ collection }) =>
        collection[method]({ age: 41 }, [{ $set: { twice: { $multiply: ['$age', 2] } } }]));
      same(`${method}: arrayFilters, collation, hint, let, comment`, people, ({ collection }) =>
        collection[method](
          { name: 'ADA', $expr: { $gt: ['$age', '$$limit'] } },
          { $set: { 'tags.$[tag]': 'z' } },
          {
            arrayFilters: [{ tag: 'b' }],
            collation: { locale: 'en', strength: 2 },
            hint: { _id: 1 },
            let: { limit: 3 },
            comment: 'why'
          }
        ));
      same(`${method}: an explanation`, people, async ({ collection }) => {
        const { queryPlanner } = await collection[method]({ age: 41 }, { $set: { a: 1 } }, { explain: 'queryPlanner' });
        return queryPlanner.winningPlan;
      });
      refused(`${method}: a replacement`, people, ({ collection }) => collection[method]({ _id: 1 }, { a: 1 }));
      refused(`${method}: an empty update`, people, ({ collection }) => collection[method]({ _id: 1 }, {}));
      refused(`${method}: no update`, people, ({ collection }) => collection[method]({ _id: 1 }));
      refused(`${method}: no filter`, people, ({ collection }) => collection[method](null, { $set: { a: 1 } }));
      refused(`${method}: an unknown operator`, people, ({ collection }) => collection[method]({ _id: 1 }, { $wat: { a: 1 } }));
      refused(`${method}: an unknown operator in the filter`, people, ({ collection }) =>
        collection[method]({ a: { $wat: 1 } }, { $set: { a: 1 } }));
      refused(`${method}: another _id`, people, ({ collection }) => collection[method]({ _id: 1 }, { $set: { _id: 2 } }));
      refused(`${method}: a string filter`, people, ({ collection }) => collection[method]('x', { $set: { a: 1 } }));
      refused(`${method}: nothing but undefined`, people, ({ collection }) =>
        collection[method]({ _id: 1 }, { $set: undefined }, { ignoreUndefined: true }));
      refused(`${method}: an unknown hint`, people, ({ collection }) =>
        collection[method]({ _id: 1 }, { $set: { a: 1 } }, { hint: 'nope' }));
      refused(`${method}: a write that fails validation`, [], async ({ db, name, witness }) => {
        await witness.createCollection(name, { validator: { a: { $type: 'string' } } });
        await witness.collection(name).insertOne({ _id: 1, a: 'x' });
        return db.collection(name)[method]({ _id: 1 }, { $set: { a: 1 } });
      });
    }
    refused('updateOne: a duplicate key', people, async ({ collection, witness, name }) => {
      await witness.collection(name).createIndex({ name: 1 }, { unique: true });
      return collection.updateOne({ _id: 1 }, { $set: { name: 'bob' } });
    });
  });

  describe('replaceOne', () => {
    same('replaces', people, ({ collection }) => collection.replaceOne({ _id: 1 }, { x: 1 }));
    same('upserts', people, ({ collection }) => collection.replaceOne({ _id: 9 }, { x: 1 }, { upsert: true }));
    same('matches nothing', people, ({ collection }) => collection.replaceOne({ _id: 9 }, { x: 1 }));
    same('takes an empty document', people, ({ collection }) => collection.replaceOne({ _id: 1 }, {}));
    refused('operators', people, ({ collection }) => collection.replaceOne({ _id: 1 }, { $set: { a: 1 } }));
    refused('another _id', people, ({ collection }) => collection.replaceOne({ _id: 1 }, { _id: 2 }));
    refused('nothing', people, ({ collection }) => collection.replaceOne({ _id: 1 }, null));
  });

  describe('deleteOne and deleteMany', () => {
    for (const method of ['deleteOne', 'deleteMany']) {
      same(`${method}: deletes`, people, ({ collection }) => collection[method]({ age: 41 }));
      same(`${method}: matches nothing`, people, ({ collection }) => collection[method]({ age: 1 }));
      same(`${method}: without a filter`, people, ({ collection }) => collection[method]());
      same(`${method}: by a field of the session`, [{ _id: 'a', session: { user: 5 } }], ({ collection }) =>
        collection[method]({ 'session.user': 5 }));
      same(`${method}: collation, hint, let, comment`, people, ({ collection }) =>
        collection[method](
          { name: 'ADA', $expr: { $gt: ['$age', '$$limit'] } },
          { collation: { locale: 'en', strength: 2 }, hint: '_id_', let: { limit: 3 }, comment: 'why' }
        ));
      same(`${method}: an explanation`, people, async ({ collection }) => {
        const { queryPlanner } = await collection[method]({ age: 41 }, { explain: true });
        return queryPlanner.winningPlan;
      });
      refused(`${method}: an unknown operator`, people, ({ collection }) => collection[method]({ a: { $wat: 1 } }));
      refused(`${method}: null`, people, ({ collection }) => collection[method](null));
    }
  });

  describe('a namespace that cannot be', () => {
    refused('no collection name', [], ({ db }) => db.collection('').insertOne({ _id: 1 }));
    refused('no collection name, for an index', [], ({ db }) => db.collection('').createIndex({ a: 1 }));
    refused('a database name with a space', [], ({ client }) => client.db('a b').collection('c').createIndex({ a: 1 }));
    refused('a database name with a dot', [], ({ client }) => client.db('a.b'));
    refused('a collection name with a dollar', [], ({ db }) => db.collection('a$b').insertOne({ _id: 1 }));
  });
});
