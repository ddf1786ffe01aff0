'use strict';

const assert = require('node:assert/strict');
const { usePair } = require('./pair');

const seed = [
  { _id: 1, a: 1, l: [1, 2] },
  { _id: 2, a: 1 },
  { _id: 3, a: 2 },
  { _id: 4, a: 3 }
];

const everyKind = [
  { insertOne: { document: { _id: 10, a: 10 } } },
  { insertOne: { _id: 11, a: 11 } },
  { updateOne: { filter: { a: 1 }, update: { $set: { b: 1 } } } },
  { updateMany: { filter: { a: 1 }, update: { $inc: { c: 1 } } } },
  { updateOne: { filter: { _id: 20 }, update: { $set: { up: true } }, upsert: true } },
  { replaceOne: { filter: { _id: 3 }, replacement: { r: 1 } } },
  { replaceOne: { filter: { _id: 21 }, replacement: { r: 2 }, upsert: true } },
  { deleteOne: { filter: { _id: 4 } } },
  { insertOne: { document: { _id: 12 } } },
  { deleteMany: { filter: { a: { $gte: 10 } } } },
  { updateMany: { filter: { _id: 22 }, update: { $set: { up: 2 } }, upsert: true } }
];

const failing = [
  { insertOne: { document: { _id: 10 } } },
  { updateOne: { filter: { _id: 1 }, update: { $set: { x: 1 } } } },
  { insertOne: { document: { _id: 1 } } },
  { updateOne: { filter: { _id: 2 }, update: { $set: { _id: 5 } } } },
  { deleteOne: { filter: { _id: 3 } } },
  { insertOne: { document: { _id: 11 } } },
  { deleteMany: { filter: { a: { $wat: 1 } } } },
  { updateOne: { filter: { _id: 30 }, update: { $set: { x: 1 } }, upsert: true } }
];

/** All that a result tells. */
function told(result) {
  return [
    result,
    String(result),
    result.ok,
    result.isOk(),
    result.getRawResponse(),
    result.hasWriteErrors(),
    result.getWriteErrorCount(),
    result.getWriteErrors(),
    result.getWriteErrorAt(0),
    result.getWriteConcernError(),
    result.getUpsertedIdAt(0)
  ];
}

describe('facade: bulkWrite', () => {
  const { both, same, refused } = usePair();

  for (const ordered of [true, false]) {
    const how = ordered ? 'in order' : 'in any order';
    same(`every kind of operation, ${how}`, seed, async ({ collection }) =>
      told(await collection.bulkWrite(structuredClone(everyKind), { ordered })));
    refused(`operations that fail, ${how}`, seed, ({ collection }) =>
      collection.bulkWrite(structuredClone(failing), { ordered }));
    same(`what the error tells, ${how}`, seed, async ({ collection }) => {
      const error = await collection.bulkWrite(structuredClone(failing), { ordered }).catch((thrown) => thrown);
      return [
        told(error.result),
        error.writeErrors.map((one) => [one.code, one.index, one.errmsg, one.errInfo, one.getOperation(), String(one)]),
        JSON.stringify(error.writeErrors),
        error.insertedCount,
        error.matchedCount,
        error.modifiedCount,
        error.deletedCount,
        error.upsertedCount,
        error.insertedIds,
        error.upsertedIds
      ];
    });
  }

  same('options of operations and of the bulk', seed, ({ collection }) =>
    collection.bulkWrite(
      [
        { updateOne: { filter: { a: 1 }, update: { $set: { 'l.$[e]': 9 } }, arrayFilters: [{ e: 2 }], hint: '_id_' } },
        { updateMany: { filter: { a: 1 }, update: [{ $set: { z: '$$v' } }], collation: { locale: 'en' } } },
        { deleteOne: { filter: { a: 2 }, collation: { locale: 'en' }, hint: { _id: 1 } } }
      ],
      { let: { v: 5 }, comment: 'why', bypassDocumentValidation: true, ordered: true }
    ));

  same('runs of one kind that are too much for one command', [], async ({ collection }) => {
    const s = 'x'.repeat(5 * 1024 * 1024);
    const operations = [1, 2, 3, 4, 5].map((_id) => ({ updateOne: { filter: { _id }, update: { $set: { s } }, upsert: true } }));
    return collection.bulkWrite(operations);
  });

  refused('no operations', [], ({ collection }) => collection.bulkWrite([]));
  refused('what is no array', [], ({ collection }) => collection.bulkWrite({}));
  refused('an operation that is null', [], ({ collection }) => collection.bulkWrite([null]));
  refused('an operation of no known kind', [], ({ collection }) => collection.bulkWrite([{ upsertOne: {} }]));
  refused('a raw operation', [], ({ collection }) => collection.bulkWrite([{ updateOne: { q: {}, u: {} } }]));
  refused('an update without operators', seed, ({ collection }) =>
    collection.bulkWrite([{ insertOne: { document: { _id: 9 } } }, { updateOne: { filter: {}, update: { a: 1 } } }]));
  refused('an updateMany without operators', seed, ({ collection }) =>
    collection.bulkWrite([{ updateMany: { filter: {}, update: { a: 1 } } }]));
  refused('a replacement with operators', seed, ({ collection }) =>
    collection.bulkWrite([{ replaceOne: { filter: {}, replacement: { $set: { a: 1 } } } }]));
  refused('no filter', seed, ({ collection }) => collection.bulkWrite([{ updateOne: { update: { $set: { a: 1 } } } }]));
  refused('a write concern that a single server cannot meet', seed, ({ collection }) =>
    collection.bulkWrite([{ insertOne: { document: { _id: 9 } } }], { writeConcern: { w: 5 } }));
  refused('a command that fails as a whole', seed, ({ collection }) =>
    collection.bulkWrite([{ insertOne: { document: { _id: 9 } } }], { maxTimeMS: -1 }));

  it('gives documents an ObjectId', async () => {
    const { node, ours } = await both([], async ({ collection }) => {
      const document = { a: 1 };
      const { insertedIds } = await collection.bulkWrite([{ insertOne: { document } }]);
      return [insertedIds[0].equals(document._id), (await collection.findOne())._id.equals(document._id)];
    });
    assert.deepEqual(node.value, [true, true]);
    assert.deepEqual(ours.value, node.value);
  });

  it('nothing is sent when an operation cannot be', async () => {
    const { ours } = await both([], ({ collection }) => collection.bulkWrite([{ insertOne: { document: { _id: 1 } } }, {}]));
    assert.equal(ours.error.name, 'MongoInvalidArgumentError');
    assert.deepEqual(ours.outcome.left, []);
  });
});
