'use strict';

const { ObjectId } = require('bson');
const { usePair } = require('./pair');

const id = new ObjectId('0123456789abcdef01234567');
const seed = [
  { _id: 1, name: 'ada', age: 36, tags: ['x', 'y'] },
  { _id: 2, name: 'Bob', age: 41, tags: [] },
  { _id: 3, name: 'cy', age: 41, big: 2n ** 60n, when: new Date(5), safe: 5n },
  { _id: id, name: 'dee', bytes: Buffer.from('abc'), pattern: /x/i }
];

describe('facade: reading', () => {
  const { same, refused } = usePair();

  describe('find and findOne', () => {
    same('everything, with the types as stored', seed, ({ collection }) => collection.find().toArray());
    same('what matches', seed, ({ collection }) => collection.find({ age: 41 }).toArray());
    same('options', seed, ({ collection }) =>
      collection
        .find(
          { age: { $gt: 0 } },
          {
            sort: { age: -1, name: 1 },
            skip: 1,
            limit: 2,
            projection: { name: 1, _id: 0 },
            batchSize: 1,
            hint: { _id: 1 },
            collation: { locale: 'en', strength: 1 },
            comment: 'why',
            maxTimeMS: 5000,
            allowDiskUse: true,
            noCursorTimeout: false,
            allowPartialResults: true,
            let: { a: 1 },
            readConcern: { level: 'local' },
            readPreference: 'primaryPreferred'
          }
        )
        .toArray());
    same('the same by the cursor', seed, ({ collection }) =>
      collection
        .find()
        .filter({ age: { $gt: 0 } })
        .sort({ age: -1, name: 1 })
        .skip(1)
        .limit(2)
        .project({ name: 1, _id: 0 })
        .batchSize(1)
        .hint('_id_')
        .collation({ locale: 'en', strength: 1 })
        .comment('why')
        .maxTimeMS(5000)
        .allowDiskUse()
        .addCursorFlag('noCursorTimeout', false)
        .withReadConcern('local')
        .withReadPreference('nearest')
        .toArray());
    same('min, max and returnKey', seed, ({ collection }) =>
      collection.find().hint({ _id: 1 }).min({ _id: 1 }).max({ _id: 3 }).returnKey(true).toArray());
    same('showRecordId', seed, ({ collection }) => collection.find().showRecordId(true).toArray());
    same('query modifiers', seed, ({ collection }) =>
      collection.find().addQueryModifier('$orderby', { name: -1 }).addQueryModifier('$hint', { _id: 1 }).toArray());
    for (const [form, sort] of Object.entries({
      name: 'name',
      names: ['age', 'name'],
      pair: ['name', 'desc'],
      pairs: [['age', -1], ['name', 'ascending']],
      object: { age: 'desc', name: 'asc' },
      map: new Map([['age', -1], ['name', 1]]),
      empty: {}
    })) {
      same(`sorts by ${form}`, seed, ({ collection }) => collection.find().sort(sort).toArray());
      same(`sorts by ${form}, as an option`, seed, ({ collection }) => collection.find({}, { sort }).toArray());
    }
    same('sorts by a name and a direction', seed, ({ collection }) => collection.find().sort('name', -1).toArray());
    same('a projection that is an array', seed, ({ collection }) => collection.find({}, { projection: ['name'] }).toArray());
    same('an ObjectId as the filter', seed, ({ collection }) => collection.find(id).toArray());
    same('a negative limit', seed, ({ collection }) => collection.find().limit(-2).toArray());
    same('a negative batch size', seed, ({ collection }) => collection.find().batchSize(-2).toArray());
    same('a batch size like the limit', seed, ({ collection }) => collection.find().batchSize(2).limit(2).toArray());
    same('a limit of 0', seed, ({ collection }) => collection.find().limit(0).toArray());
    same('a collection that does not exist', [], ({ collection }) => collection.find().toArray());
    same('one document', seed, ({ collection }) => collection.findOne({ age: 41 }, { sort: { name: -1 }, projection: { name: 1 } }));
    same('one document of any', seed, ({ collection }) => collection.findOne());
    same('one document that is not there', seed, ({ collection }) => collection.findOne({ _id: 9 }));
    same('one document with a batch size', seed, ({ collection }) => collection.findOne({}, { batchSize: 5, noCursorTimeout: true }));
    same('one document by an ObjectId', seed, ({ collection }) => collection.findOne(id));
    same('a callback is not called and does not hurt', seed, ({ collection }) => collection.findOne({ _id: 1 }, () => {}));

    refused('an unknown operator', seed, ({ collection }) => collection.find({ a: { $wat: 1 } }).toArray());
    refused('an unknown operator, of one document', seed, ({ collection }) => collection.findOne({ $wat: 1 }));
    refused('a filter that is a string', seed, ({ collection }) => collection.find('x').toArray());
    refused('a filter that is an array', seed, ({ collection }) => collection.findOne([]));
    refused('a filter that is null', seed, ({ collection }) => collection.findOne(null));
    refused('an unknown hint', seed, ({ collection }) => collection.find({}, { hint: 'nope' }).toArray());
    refused('an unknown read concern', seed, ({ collection }) => collection.find({}, { readConcern: 'nope' }).toArray());
    refused('an unknown read preference', seed, ({ collection }) => collection.find({}, { readPreference: 'nope' }));
    refused('an invalid sort', seed, ({ collection }) => collection.find().sort({ a: 'up' }));
    refused('an invalid sort as an option', seed, ({ collection }) => collection.find({}, { sort: 5 }));
    refused('a limit that is no number', seed, ({ collection }) => collection.find().limit('1'));
    refused('a skip that is no number', seed, ({ collection }) => collection.find().skip('1'));
    refused('a batch size that is no number', seed, ({ collection }) => collection.find().batchSize('1'));
    refused('a time limit that is no number', seed, ({ collection }) => collection.find().maxTimeMS('1'));
    refused('an unknown flag', seed, ({ collection }) => collection.find().addCursorFlag('nope', true));
    refused('a flag that is no boolean', seed, ({ collection }) => collection.find().addCursorFlag('partial', 1));
    refused('an unknown query modifier', seed, ({ collection }) => collection.find().addQueryModifier('$nope', 1));
    refused('allowDiskUse without a sort', seed, ({ collection }) => collection.find().allowDiskUse());
    refused('a negative skip', seed, ({ collection }) => collection.find().skip(-1).toArray());
    refused('a query that takes too long', seed, ({ collection }) =>
      collection.find({ $where: 'sleep(1000) || true' }).maxTimeMS(10).toArray());
    refused('a secondary of a server that has none, for a client that is aborted', seed, ({ collection }) =>
      collection.find({}, { signal: AbortSignal.abort(new Error('enough')) }).toArray());
  });

  describe('counting and distinct', () => {
    same('countDocuments', seed, ({ collection }) => collection.countDocuments({ age: 41 }));
    same('countDocuments of everything', seed, ({ collection }) => collection.countDocuments());
    same('countDocuments with skip, limit, hint and collation', seed, ({ collection }) =>
      collection.countDocuments({ name: 'BOB' }, { skip: 0, limit: 1, hint: '_id_', collation: { locale: 'en', strength: 2 } }));
    same('countDocuments of nothing', [], ({ collection }) => collection.countDocuments());
    same('estimatedDocumentCount', seed, ({ collection }) => collection.estimatedDocumentCount({ maxTimeMS: 1000, comment: 1 }));
    same('estimatedDocumentCount of nothing', [], ({ collection }) => collection.estimatedDocumentCount());
    same('count', seed, ({ collection }) => collection.count({ age: 41 }, { limit: 1, skip: 0, hint: '_id_' }));
    same('count of a cursor', seed, ({ collection }) => collection.find({ age: 41 }).limit(1).count());
    same('distinct', seed, ({ collection }) => collection.distinct('age'));
    same('distinct within arrays', seed, ({ collection }) => collection.distinct('tags', { age: { $gt: 0 } }));
    same('distinct with a collation', seed, ({ collection }) =>
      collection.distinct('name', { name: 'BOB' }, { collation: { locale: 'en', strength: 2 }, comment: 'why' }));
    same('distinct, explained', seed, async ({ collection }) =>
      (await collection.distinct('age', {}, { explain: 'queryPlanner' })).queryPlanner.winningPlan);
    refused('countDocuments: an unknown operator', seed, ({ collection }) => collection.countDocuments({ a: { $wat: 1 } }));
    refused('countDocuments: a negative limit', seed, ({ collection }) => collection.countDocuments({}, { limit: -1 }));
    refused('distinct: no key', seed, ({ collection }) => collection.distinct());
    refused('estimatedDocumentCount: a negative time limit', seed, ({ collection }) =>
      collection.estimatedDocumentCount({ maxTimeMS: -1 }));
  });

  describe('aggregate', () => {
    same('a pipeline', seed, ({ collection }) =>
      collection.aggregate([{ $match: { age: { $gt: 0 } } }, { $group: { _id: '$age', n: { $sum: 1 } } }, { $sort: { _id: 1 } }]).toArray());
    same('stages by the cursor', seed, ({ collection }) =>
      collection
        .aggregate()
        .match({ age: { $gt: 0 } })
        .sort({ age: -1, name: 1 })
        .skip(1)
        .limit(2)
        .unwind({ path: '$tags', preserveNullAndEmptyArrays: true })
        .project({ name: 1, tags: 1 })
        .addStage({ $set: { added: true } })
        .toArray());
    same('lookup, redact and group', seed, ({ collection, name }) =>
      collection
        .aggregate()
        .lookup({ from: name, localField: 'age', foreignField: 'age', as: 'same' })
        .redact('$$KEEP')
        .group({ _id: '$name', n: { $sum: { $size: '$same' } } })
        .sort({ _id: 1 })
        .toArray());
    same('options', seed, ({ collection }) =>
      collection
        .aggregate([{ $match: { $expr: { $gt: ['$age', '$$limit'] } } }], {
          let: { limit: 40 },
          allowDiskUse: true,
          batchSize: 1,
          collation: { locale: 'en' },
          hint: { _id: 1 },
          comment: 'why',
          maxTimeMS: 5000,
          readConcern: 'local',
          bypassDocumentValidation: true
        })
        .toArray());
    same('$out', seed, async ({ collection, witness, name }) => {
      const returned = await collection.aggregate([{ $match: { age: 41 } }, { $out: `${name}_out` }]).toArray();
      return [returned, await witness.collection(`${name}_out`).find().toArray()];
    });
    same('$merge by the cursor', seed, async ({ collection, witness, name }) => {
      const returned = await collection.aggregate().match({ age: 41 }).addStage({ $merge: { into: `${name}_out` } }).toArray();
      return [returned, await witness.collection(`${name}_out`).find().toArray()];
    });
    same('the out option', seed, async ({ collection, witness, name }) => {
      const returned = await collection.aggregate([], { out: `${name}_out` }).toArray();
      return [returned, await witness.collection(`${name}_out`).countDocuments()];
    });
    same('of the database', [], async ({ db }) => db.aggregate([{ $documents: [{ a: 1 }, { a: 2 }] }]).toArray());
    same('an explanation', seed, async ({ collection }) =>
      Object.keys(await collection.aggregate([{ $match: { age: 41 } }]).explain('queryPlanner')).includes('queryPlanner'));
    same('an explanation as an option', seed, async ({ collection }) => {
      const explained = await collection.aggregate([{ $match: { age: 41 } }], { explain: true }).toArray();
      return [explained.length, explained[0].ok];
    });
    refused('an unknown stage', seed, ({ collection }) => collection.aggregate([{ $wat: 1 }]).toArray());
    refused('an explanation with a write concern', seed, ({ collection }) =>
      collection.aggregate([], { explain: true, writeConcern: { w: 1 } }).toArray());
    refused('cursor options that are none', seed, ({ collection }) => collection.aggregate([], { cursor: 1 }).toArray());
    refused('a pipeline that is no array', seed, ({ collection }) => collection.aggregate({ $match: {} }));
    refused('$out with a write concern that cannot be met', seed, ({ collection, name }) =>
      collection.aggregate([{ $out: `${name}_out` }], { writeConcern: { w: 7 } }).toArray());
  });

  describe('findOneAnd…', () => {
    same('update: the document before', seed, ({ collection }) => collection.findOneAndUpdate({ _id: 1 }, { $inc: { age: 1 } }));
    same('update: the document after', seed, ({ collection }) =>
      collection.findOneAndUpdate({ age: 41 }, { $set: { x: 1 } }, {
        returnDocument: 'after', sort: { name: -1 }, projection: { name: 1, x: 1 }, hint: '_id_', comment: 'why', maxTimeMS: 5000
      }));
    same('update: the whole reply', seed, ({ collection }) =>
      collection.findOneAndUpdate({ _id: 9 }, { $set: { x: 1 } }, { upsert: true, includeResultMetadata: true, returnDocument: 'after' }));
    same('update: nothing there', seed, ({ collection }) => collection.findOneAndUpdate({ _id: 9 }, { $set: { x: 1 } }));
    same('update: arrayFilters, collation, let, bypass', seed, ({ collection }) =>
      collection.findOneAndUpdate({ name: 'ADA', $expr: { $eq: ['$age', '$$age'] } }, { $set: { 'tags.$[t]': 'z' } }, {
        arrayFilters: [{ t: 'x' }], collation: { locale: 'en', strength: 2 }, let: { age: 36 }, bypassDocumentValidation: true, returnDocument: 'after'
      }));
    same('update: a pipeline', seed, ({ collection }) =>
      collection.findOneAndUpdate({ _id: 1 }, [{ $set: { twice: { $add: ['$age', '$age'] } } }], { returnDocument: 'after' }));
    same('replace', seed, ({ collection }) => collection.findOneAndReplace({ _id: 1 }, { r: 1 }, { returnDocument: 'after' }));
    same('replace: upsert', seed, ({ collection }) =>
      collection.findOneAndReplace({ _id: 9 }, { r: 1 }, { upsert: true, returnDocument: 'after', includeResultMetadata: true }));
    same('delete', seed, ({ collection }) => collection.findOneAndDelete({ age: 41 }, { sort: { name: 1 }, projection: { _id: 0 } }));
    same('delete: nothing there', seed, ({ collection }) => collection.findOneAndDelete({ age: 1 }));
    same('delete: the whole reply', seed, ({ collection }) => collection.findOneAndDelete({ _id: 1 }, { includeResultMetadata: true }));
    refused('update: a replacement', seed, ({ collection }) => collection.findOneAndUpdate({ _id: 1 }, { a: 1 }));
    refused('update: no update', seed, ({ collection }) => collection.findOneAndUpdate({ _id: 1 }));
    refused('update: another _id', seed, ({ collection }) => collection.findOneAndUpdate({ _id: 1 }, { $set: { _id: 5 } }));
    refused('replace: operators', seed, ({ collection }) => collection.findOneAndReplace({ _id: 1 }, { $set: { a: 1 } }));
    refused('replace: no replacement', seed, ({ collection }) => collection.findOneAndReplace({ _id: 1 }, null));
    refused('delete: no filter', seed, ({ collection }) => collection.findOneAndDelete());
    refused('delete: an unknown operator', seed, ({ collection }) => collection.findOneAndDelete({ a: { $wat: 1 } }));
  });
});
