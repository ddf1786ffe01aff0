'use strict';

/** What only the Node driver can do, asked of a client of ours in an application that does not have it. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const mongodb = require('mongodb');
const facade = require('../../lib/driver');
const { ROOT } = require('../loading/run');
const { BareApplication } = require('./bare-application');
const { FORWARDED } = require('./forwarded');

/** Calls with options that only the Node driver knows. */
const OPTIONS = {
  'session of a write': ['collection.insertOne({}, { session: {} })', 'session'],
  'session of a read': ['collection.findOne({}, { session: {} })', 'session'],
  'session of a cursor': ['collection.find({}, { session: {} })', 'session'],
  'session of an index': ["collection.createIndex('a', { session: {} })", 'session'],
  'session of a command': ['db.command({ ping: 1 }, { session: {} })', 'session'],
  'session of an admin command': ['db.admin().ping({ session: {} })', 'session'],
  'session of a list': ['db.listCollections({}, { session: {} })', 'session'],
  tailable: ['collection.find({}, { tailable: true })', 'tailable'],
  explain: ['collection.distinct("a", {}, { explain: true })', 'explain'],
  raw: ['collection.find({}, { raw: true })', 'raw'],
  promoteLongs: ['collection.findOne({}, { promoteLongs: false })', 'promoteLongs'],
  'promoteValues of a collection': ["db.collection('c', { promoteValues: false }).findOne()", 'promoteValues'],
  'promoteBuffers of a database': ["client.db('x', { promoteBuffers: true }).collection('c').find()", 'promoteBuffers'],
  useBigInt64: ['collection.aggregate([], { useBigInt64: true })', 'useBigInt64'],
  serializeFunctions: ['collection.insertOne({}, { serializeFunctions: true })', 'serializeFunctions'],
  fieldsAsRaw: ['collection.find({}, { fieldsAsRaw: { a: true } })', 'fieldsAsRaw']
};

/** Members of the Node driver's classes that are its own business. */
const INTERNAL = new Set([
  '_connect', '_close', 'checkForNonGenuineHosts', 'fullNamespace', 'hint', 'bsonOptions', 'timeoutMS', 'autoEncrypter',
  'monitorCommands', 'cursorInit', 'fetchBatch', 'getMore', 'cleanup', 'emitClose', 'transformDocument', '_initialize',
  'emitAndLog', 'emitAndLogHeartbeat', 'emitAndLogCommand', 'getSuccessfullyInsertedIds', 'throwIfInitialized', 'trackCursor',
  'server', 'session', 'isDead', 'loadBalanced', 'resolveExplainTimeoutOptions'
]);

function membersOf(Class, until) {
  const names = new Set();
  for (let proto = Class.prototype; proto && proto !== until; proto = Object.getPrototypeOf(proto)) {
    for (const name of Object.getOwnPropertyNames(proto)) names.add(name);
  }
  names.delete('constructor');
  return [...names].filter((name) => !INTERNAL.has(name));
}

/** @returns {Promise<object>} by title, `[whether it threw at once, the error's class, the error's message]` of each call */
async function errorsOf(application, calls) {
  const { code, output } = await application.run(`
    const { MongoClient } = require('connect-mongodb-session/driver');
    const client = new MongoClient('mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1');
    const db = client.db('app');
    const collection = db.collection('c');
    const outcome = async (call) => {
      let threw = true;
      try {
        const running = call();
        threw = false;
        await running;
      } catch (error) {
        return [threw, error.name, error.message];
      }
      return [threw, null, null];
    };
    const calls = {${Object.entries(calls).map(([title, call]) => `${JSON.stringify(title)}: () => ${call}`).join(',\n')}};
    (async () => {
      const outcomes = {};
      for (const [title, call] of Object.entries(calls)) outcomes[title] = await outcome(call);
      await client.close();
      console.log(JSON.stringify(outcomes));
    })();
  `);
  assert.equal(code, 0, output);
  return JSON.parse(output);
}

const PLACES = {
  MongoClient: 'client', Db: 'db', Collection: 'collection', Admin: 'db.admin()', FindCursor: 'collection.find()',
  AggregationCursor: 'collection.aggregate([])'
};

const NEEDS = "is not available on the client that connect-mongodb-session opens: it takes the 'mongodb' package, and the application has none (`npm install mongodb`)";

describe('facade: what only the Node driver has', function() {
  this.timeout(60000);

  describe('in an application without it', () => {
    let application;
    let outcomes;

    before(async () => {
      application = new BareApplication();
      const methods = Object.entries(FORWARDED).flatMap(([name, { returning, promising }]) => {
        return [...returning, ...promising].map((method) => [`${name}.${method}()`, `${PLACES[name]}.${method}()`]);
      });
      outcomes = await errorsOf(application, {
        ...Object.fromEntries(methods),
        ...Object.fromEntries(Object.entries(OPTIONS).map(([title, [call]]) => [title, call])),
        'an event': "client.on('commandStarted', () => {}) && undefined",
        'a native call': 'collection.findOne({ _id: 1 }, { promoteLongs: true, upserrt: true })'
      });
    });

    after(() => application.remove());

    for (const [name, { returning, promising }] of Object.entries(FORWARDED)) {
      for (const method of returning) {
        it(`${name}.${method}() throws an error that names the package`, () => {
          assert.deepEqual(outcomes[`${name}.${method}()`], [true, 'MongoCompatibilityError', `${name}.${method}() ${NEEDS}`]);
        });
      }
      for (const method of promising) {
        it(`${name}.${method}() rejects with an error that names the package`, () => {
          assert.deepEqual(outcomes[`${name}.${method}()`], [false, 'MongoCompatibilityError', `${name}.${method}() ${NEEDS}`]);
        });
      }
    }

    for (const [title, [call, option]] of Object.entries(OPTIONS)) {
      it(`the option ${title} is refused, not ignored`, () => {
        const threw = /\.(find|aggregate|listCollections)\(/.test(call);
        assert.deepEqual(outcomes[title], [threw, 'MongoCompatibilityError', `The option '${option}' ${NEEDS}`]);
      });
    }

    it('its events may be listened for, and never come', () => {
      assert.deepEqual(outcomes['an event'], [false, null, null]);
    });

    it('other calls are made natively', () => {
      assert.equal(outcomes['a native call'][1], 'MongoServerSelectionError');
    });
  });

  describe('in an application with a version that does not have it', () => {
    let application;

    beforeEach(() => {
      application = new BareApplication();
    });

    afterEach(() => application.remove());

    it('the error says so', async () => {
      application.link('mongodb', path.join(ROOT, 'node_modules', 'mongodb5'));
      const { bulk } = await errorsOf(application, { bulk: 'client.bulkWrite([])' });
      assert.deepEqual(bulk, [false, 'MongoCompatibilityError', "MongoClient.bulkWrite() is not available on the client that connect-mongodb-session opens: the application's version of the 'mongodb' package does not have it"]);
    });

    it('the error says that versions before 4 are too old', async () => {
      const folder = path.join(application.folder, 'node_modules', 'mongodb');
      fs.mkdirSync(folder);
      fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'mongodb', version: '3.7.4', main: 'index.js' }));
      fs.writeFileSync(path.join(folder, 'index.js'), 'exports.MongoClient = class MongoClient {};');
      const { watch } = await errorsOf(application, { watch: 'collection.watch()' });
      assert.deepEqual(watch, [true, 'MongoCompatibilityError', "Collection.watch() is not available on the client that connect-mongodb-session opens: it takes the 'mongodb' package 4 or later, and the application's is older"]);
    });
  });

  for (const name of ['MongoClient', 'Db', 'Collection', 'Admin', 'FindCursor', 'AggregationCursor', 'ListCollectionsCursor', 'BulkWriteResult']) {
    it(`${name} has every public member of the Node driver's`, () => {
      const until = require('node:events').EventEmitter.prototype;
      const Theirs = mongodb[name] ?? require('mongodb/lib/bulk/common')[name];
      const ours = new Set(membersOf(facade[name], until));
      assert.deepEqual(membersOf(Theirs, until).filter((member) => !ours.has(member)), []);
    });
  }

  it('unknown members are undefined', () => {
    const client = new facade.MongoClient('mongodb://127.0.0.1:1/');
    for (const object of [client, client.db(), client.db().admin(), client.db().collection('c')]) {
      assert.equal(object.noSuchMember, undefined);
    }
  });

  it('timeoutMS must be a number of milliseconds', async () => {
    const collection = new facade.MongoClient('mongodb://127.0.0.1:1/').db().collection('c');
    await assert.rejects(collection.findOne({}, { timeoutMS: '5' }), { message: 'timeoutMS must be a number of milliseconds, 0 or more; got string 5' });
  });
});
