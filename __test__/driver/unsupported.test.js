'use strict';

const assert = require('node:assert/strict');
const mongodb = require('mongodb');
const facade = require('../../lib/driver');

const URI = 'mongodb://127.0.0.1:1/test';

/** What the Node driver has, and the facade has instead only a refusal for. */
const REFUSED = {
  MongoClient: ['startSession', 'withSession', 'watch', 'bulkWrite', 'appendMetadata'],
  Db: ['watch', 'runCursorCommand', 'removeUser', 'setProfilingLevel', 'profilingLevel'],
  Collection: [
    'watch', 'initializeOrderedBulkOp', 'initializeUnorderedBulkOp', 'listSearchIndexes', 'createSearchIndex',
    'createSearchIndexes', 'dropSearchIndex', 'updateSearchIndex'
  ],
  Admin: ['removeUser', 'validateCollection']
};

/** Members of the Node driver's classes that are its own business. */
const INTERNAL = new Set([
  '_connect', '_close', 'checkForNonGenuineHosts', 'fullNamespace', 'hint', 'bsonOptions', 'timeoutMS', 'autoEncrypter',
  'monitorCommands', 'cursorInit', 'fetchBatch', 'getMore', 'cleanup', 'emitClose', 'transformDocument', '_initialize',
  'emitAndLog', 'emitAndLogHeartbeat', 'emitAndLogCommand', 'getSuccessfullyInsertedIds', 'throwIfInitialized', 'trackCursor', 'server', 'session', 'isDead', 'loadBalanced', 'resolveExplainTimeoutOptions'
]);

function membersOf(Class, until) {
  const names = new Set();
  for (let proto = Class.prototype; proto && proto !== until; proto = Object.getPrototypeOf(proto)) {
    for (const name of Object.getOwnPropertyNames(proto)) names.add(name);
  }
  names.delete('constructor');
  return [...names].filter((name) => !INTERNAL.has(name));
}

async function errorOf(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('facade: what it does not have', () => {
  const client = new facade.MongoClient(URI);
  const db = client.db();
  const instances = { MongoClient: client, Db: db, Collection: db.collection('c'), Admin: db.admin() };

  for (const [name, methods] of Object.entries(REFUSED)) {
    for (const method of methods) {
      it(`${name}.${method}() says so`, async () => {
        const error = await errorOf(() => instances[name][method]());
        assert.ok(error instanceof facade.MongoCompatibilityError);
        assert.equal(
          error.message,
          `${name}.${method}() is not available on the client that connect-mongodb-session opens: ` +
            "open an own MongoClient from the 'mongodb' package for it"
        );
      });

      it(`${name}.${method}() rejects where the Node driver's returns a promise, else throws`, () => {
        const isAsync = mongodb[name].prototype[method].constructor.name === 'AsyncFunction';
        const call = () => instances[name][method]();
        if (isAsync) return assert.rejects(call());
        assert.throws(call);
      });
    }
  }

  for (const name of ['MongoClient', 'Db', 'Collection', 'Admin', 'FindCursor', 'AggregationCursor', 'ListCollectionsCursor', 'ListIndexesCursor', 'BulkWriteResult']) {
    it(`${name} has every public member of the Node driver's`, () => {
      const until = require('node:events').EventEmitter.prototype;
      const Theirs = mongodb[name] ?? require('mongodb/lib/bulk/common')[name];
      const ours = new Set(membersOf(facade[name], until));
      assert.deepEqual(membersOf(Theirs, until).filter((member) => !ours.has(member)), []);
    });
  }

  it('unknown members are undefined', () => {
    for (const instance of Object.values(instances)) assert.equal(instance.noSuchMember, undefined);
  });

  describe('options', () => {
    const { Collection: collection } = instances;
    const session = {};
    for (const [title, call, option] of [
      ['session of a write', () => collection.insertOne({}, { session }), "The option 'session'"],
      ['session of a read', () => collection.findOne({}, { session }), "The option 'session'"],
      ['session of a cursor', () => collection.find({}, { session }), "The option 'session'"],
      ['session of a bulk', () => collection.bulkWrite([{ insertOne: {} }], { session }), "The option 'session'"],
      ['session of an index', () => collection.createIndex('a', { session }), "The option 'session'"],
      ['session of a command', () => db.command({ ping: 1 }, { session }), "The option 'session'"],
      ['session of an admin command', () => db.admin().ping({ session }), "The option 'session'"],
      ['session of a list', () => db.listCollections({}, { session }), "The option 'session'"],
      ['tailable', () => collection.find({}, { tailable: true }), "The option 'tailable'"],
      ['the flag tailable', () => collection.find().addCursorFlag('tailable', true), "The cursor flag 'tailable'"],
      ['raw', () => collection.find({}, { raw: true }), "The option 'raw: true'"],
      ['promoteLongs', () => collection.findOne({}, { promoteLongs: false }), "The option 'promoteLongs: false'"],
      ['promoteValues', () => db.collection('c', { promoteValues: false }), "The option 'promoteValues: false'"],
      ['promoteBuffers', () => client.db('x', { promoteBuffers: true }), "The option 'promoteBuffers: true'"],
      ['useBigInt64', () => collection.aggregate([], { useBigInt64: true }), "The option 'useBigInt64: true'"],
      ['serializeFunctions', () => collection.insertOne({}, { serializeFunctions: true }), "The option 'serializeFunctions: true'"],
      ['encryptedFields', () => db.createCollection('c', { encryptedFields: {} }), "The option 'encryptedFields'"],
      ['fieldsAsRaw', () => collection.find({}, { fieldsAsRaw: { a: true } }), "The option 'fieldsAsRaw'"]
    ]) {
      it(`${title} is refused, not ignored`, async () => {
        const error = await errorOf(call);
        assert.equal(error?.name, 'MongoCompatibilityError');
        assert.ok(error.message.startsWith(`${option} is not available on the client that connect-mongodb-session opens`), error.message);
      });
    }

    it('at their defaults they are fine', () => {
      collection.find({}, { raw: false, promoteLongs: true, promoteValues: true, promoteBuffers: false, session: undefined, fieldsAsRaw: {} });
    });

    it('timeoutMS must be a number of milliseconds', async () => {
      const error = await errorOf(() => collection.findOne({}, { timeoutMS: '5' }));
      assert.equal(error.message, 'timeoutMS must be a number of milliseconds, 0 or more; got string 5');
    });
  });
});
