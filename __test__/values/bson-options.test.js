'use strict';

/** BSON options in `connectionOptions`: what is stored and read with them, beside connect-mongodb-session 5.0.0. */

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const { Binary, Long } = require('mongodb');
const { load } = require('../support/impl');
const { mongoUri, testClient, uniqueName } = require('../support/server');
const { ask } = require('../support/stores');

const EXPIRES = new Date('2099-01-01');
const OPTIONS = [
  { ignoreUndefined: true }, { serializeFunctions: true }, { promoteValues: false }, { promoteLongs: false }, { promoteBuffers: true },
  { useBigInt64: true }, { bsonRegExp: true }, { fieldsAsRaw: { items: true } }, { checkKeys: true }, { enableUtf8Validation: false },
  { ignoreUndefined: true, serializeFunctions: true, promoteBuffers: true }
];

const session = () => ({
  cookie: { originalMaxAge: 5, expires: EXPIRES, httpOnly: true },
  left: undefined,
  inside: { left: undefined, list: [undefined, 1] },
  small: new Long(5, 0),
  large: 2n ** 60n,
  bytes: Buffer.from('abc'),
  binary: new Binary(Buffer.from('q'), 0x80),
  pattern: /a/gi,
  work: function work() {},
  half: 1.5,
  items: [{ a: 1 }],
  'a.b': 1
});

describe('A store with BSON options', () => {
  const opened = [];
  let uri, db;

  before(async () => {
    uri = await mongoUri(uniqueName('bson_options'));
    db = (await testClient()).db(new URL(uri).pathname.slice(1));
  });
  afterEach(() => Promise.all(opened.splice(0).map((store) => store.client.close())));
  after(() => db.dropDatabase());

  function open(implementation, collection, connectionOptions) {
    const Store = load(implementation).factory(expressSession);
    return new Promise((resolve, reject) => {
      const store = new Store({ uri, collection, connectionOptions }, (error) => (error ? reject(error) : resolve(store)));
      opened.push(store);
    });
  }

  for (const options of OPTIONS) {
    it(`stores and reads as the original does: ${JSON.stringify(options)}`, async () => {
      const seen = {};
      for (const implementation of ['original', 'ours']) {
        const collection = uniqueName('c');
        const store = await open(implementation, collection, options);
        await ask(store, 'set', 'sid', session());
        const stored = await db.collection(collection).findOne({ _id: 'sid' }, { raw: true });
        await db.collection(collection).insertOne({ _id: 'expired', session: {}, expires: new Date(0) });
        seen[implementation] = {
          stored: Buffer.from(stored).toString('hex'), read: await ask(store, 'get', 'sid'), expired: await ask(store, 'get', 'expired')
        };
      }
      assert.deepStrictEqual(seen.ours, seen.original);
    });
  }

  it('reads all sessions, and finds documents, with them', async () => {
    const store = await open('ours', uniqueName('c'), { useBigInt64: true, promoteBuffers: true });
    await ask(store, 'set', 'sid', session());
    const [{ session: one }] = await ask(store, 'all');
    assert.deepEqual([one.small, one.large, one.bytes], [5n, 2n ** 60n, Buffer.from('abc')]);
    assert.equal((await store.collection.findOne({ _id: 'sid' })).session.small, 5n);
  });

  it('refuses what contradicts itself, and bytes in the place of sessions', async () => {
    await assert.rejects(async () => open('ours', 'c', { useBigInt64: true, promoteLongs: false }), { message: 'Must request either bigint or Long for int64 deserialization' });
    await assert.rejects(async () => open('ours', 'c', { raw: true }), /option raw is not supported by this store: no session could be read/);
    await assert.rejects(async () => open('ours', 'c', { promoteLongs: 'x' }), /promoteLongs must be either "true" or "false"/);
  });
});
