'use strict';

/** An index on the expiry is there already: made by hand, by Mongoose, by an import. */

const assert = require('node:assert/strict');
const vm = require('node:vm');
const mongodb = require('mongodb');
const { useServer } = require('../support/connections');
const { FAIL_POINTS, withFailPoint } = require('../support/fail-point');
const { ROOT } = require('../support/impl');
const { useStores } = require('../support/stores');

/** Indexes under which sessions expire once the store has opened, with how the index is found then. */
const MENDED = {
  'a plain one': [{}, { name: 'expires_1' }],
  'a plain one of another name': [{ name: 'by_hand' }, { name: 'by_hand' }],
  'a sparse one': [{ sparse: true }, { name: 'expires_1', sparse: true }],
  'one with another expiry': [{ expireAfterSeconds: 60 }, { name: 'expires_1' }],
  'a sparse one with another expiry': [{ sparse: true, expireAfterSeconds: 60 }, { name: 'expires_1', sparse: true }]
};
const PARTIAL = { partialFilterExpression: { session: { $exists: true } } };

describe('an index on the expiry that is there already', () => {
  const stores = useStores();
  let serial = 0;

  async function collectionWith(...indexes) {
    const collection = `indexed${++serial}`;
    await stores.db.createCollection(collection);
    for (const [key, options] of indexes) await stores.db.collection(collection).createIndex(key, options);
    return collection;
  }

  const indexesOf = async (collection) => {
    const found = await stores.db.collection(collection).indexes();
    for (const index of found) delete index.v;
    return found.filter(({ name }) => name !== '_id_');
  };

  for (const [title, [options, expected]] of Object.entries(MENDED)) {
    it(`${title} becomes one that removes sessions`, async () => {
      const collection = await collectionWith([{ expires: 1 }, options]);
      await stores.connected({ collection, expiresAfterSeconds: 7 });
      assert.deepEqual(await indexesOf(collection), [{ key: { expires: 1 }, ...expected, expireAfterSeconds: 7 }]);
    });
  }

  it('one in the other direction, and one of several keys, stay beside it', async () => {
    const collection = await collectionWith([{ expires: -1 }], [{ expires: 1, _id: 1 }]);
    await stores.connected({ collection });
    const found = await indexesOf(collection);
    assert.deepEqual(found.map(({ name, expireAfterSeconds }) => [name, expireAfterSeconds]).sort(), [
      ['expires_-1', undefined], ['expires_1', 0], ['expires_1__id_1', undefined]
    ]);
  });

  for (const [title, key, options] of [['leaves sessions out', { expires: 1 }, PARTIAL], ['has its name, and another key', { other: 1 }, { name: 'expires_1' }]]) {
    it(`one that ${title} is an error with the commands to run, which mend it`, async () => {
      const collection = await collectionWith([key, options]);
      const error = await stores.connected({ collection }).then(() => assert.fail('it was mended'), (refused) => refused);
      assert.match(error.message, /^Error creating index: An .*index.* is in the way of the one that removes expired sessions\. Run in mongosh: /s);
      assert.ok([85, 86].includes(error.cause.code), String(error.cause.code));
      assert.deepEqual(await indexesOf(collection), [{ key, ...options, name: 'expires_1' }]);
      const [, drop, create] = /mongosh: (.*?); (.*?) \(or give/.exec(error.message);
      await runInShell(stores.db, drop);
      await runInShell(stores.db, create);
      await stores.connected({ collection });
      assert.deepEqual(await indexesOf(collection), [{ key: { expires: 1 }, name: 'expires_1', expireAfterSeconds: 0 }]);
    });
  }
});

describe('an index on the expiry that the server cannot change', () => {
  const server = useServer({ args: FAIL_POINTS });
  const stores = [];
  let admin;
  let sessions;

  before('connect', async () => {
    admin = await mongodb.MongoClient.connect(server.uri);
    sessions = admin.db('test').collection('sessions');
  });
  beforeEach(() => admin.db('test').dropDatabase());
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
  after(() => admin?.close());

  /** Opens a store on a server that changes no index, as before 5.1 (or refuses to, for want of a right). */
  const open = (errorCode, failCommands = ['collMod']) => withFailPoint(admin, { failCommands, errorCode, appName: 'old' }, async () => {
    const Store = require(ROOT)(require('express-session'));
    const error = await new Promise((resolve) => {
      stores.push(new Store({ uri: server.uri, databaseName: 'test', connectionOptions: { appName: 'old' }, expiresAfterSeconds: 7 }, resolve));
    });
    const [, ...found] = await sessions.indexes();
    return { error, found: found.map(({ name, expireAfterSeconds }) => [name, expireAfterSeconds]) };
  });

  const INVALID_OPTIONS = 72;
  const UNAUTHORIZED = 13;

  it('is made anew, where it is the one that the store makes', async () => {
    await sessions.createIndex({ expires: 1 });
    const { error, found } = await open(INVALID_OPTIONS);
    assert.equal(error, undefined);
    assert.deepEqual(found, [['expires_1', 7]]);
  });

  for (const [title, options] of [['has another name', { name: 'by_hand' }], ['is sparse', { sparse: true }], ['expires otherwise', { expireAfterSeconds: 9 }]]) {
    it(`stays, with an error that has the commands, where it ${title}`, async () => {
      await sessions.createIndex({ expires: 1 }, options);
      const before = await sessions.indexes();
      const { error } = await open(INVALID_OPTIONS);
      assert.match(error.message, /Run in mongosh: db\.getCollection\("sessions"\)\.dropIndex\("\w+"\); .* \{ expireAfterSeconds: 7 \}/);
      assert.deepEqual(await sessions.indexes(), before);
    });
  }

  it('stays, with that error, where the user may neither change nor drop it', async () => {
    await sessions.createIndex({ expires: 1 });
    const { error, found } = await open(UNAUTHORIZED, ['collMod', 'dropIndexes']);
    assert.match(error.message, /Run in mongosh: /);
    assert.deepEqual(found, [['expires_1', undefined]]);
  });
});

/** What mongosh would do with a command. */
function runInShell(database, command) {
  const db = { getCollection: (name) => database.collection(name) };
  return vm.runInNewContext(command, { db });
}
