'use strict';

const assert = require('node:assert/strict');
const bson = require('bson');
const { useStores } = require('../support/stores');

describe('stored documents that no store wrote', () => {
  const stores = useStores();
  const put = async (store, document) => {
    await stores.db.collection(store.options.collection).insertOne(document);
    return document._id;
  };

  it('pollute no prototype, and do not change that of a session', async () => {
    const store = await stores.connected();
    const hostile = JSON.parse('{"cookie":{},"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"list":[{"__proto__":{"admin":true}}]}');
    const id = await put(store, { _id: 'sid', session: hostile });
    const session = await store.get(id);
    assert.equal({}.admin, undefined);
    assert.equal(Object.getPrototypeOf(session), Object.prototype);
    assert.equal(session.admin, undefined);
    assert.equal(session.list[0].admin, undefined);
    assert.deepEqual(Object.keys(session).sort(), ['__proto__', 'constructor', 'cookie', 'list']);
    await store.set(id, session);
    assert.deepEqual(Object.keys(await store.get(id)).sort(), ['__proto__', 'constructor', 'cookie', 'list']);
    assert.equal({}.admin, undefined);
  });

  it('as JSON text pollute nothing either', async () => {
    const store = await stores.connected();
    const id = await put(store, { _id: 'sid', session: '{"cookie":{},"__proto__":{"admin":true}}' });
    const session = await store.get(id);
    assert.equal(session.admin, undefined);
    assert.equal({}.admin, undefined);
  });

  const VALUES = {
    number: 7, text: 'no JSON', boolean: true, null: null, array: [1, 'two'], date: new Date(0), binary: new bson.Binary(Buffer.from('x')),
    ObjectId: new bson.ObjectId(), regex: /x/, Decimal128: bson.Decimal128.fromString('1.5'), Timestamp: new bson.Timestamp({ t: 1, i: 1 }),
    MinKey: new bson.MinKey(), Code: new bson.Code('x'), 'nested 100 deep': Array.from({ length: 100 }).reduce((inner) => ({ inner }), {})
  };
  for (const [type, value] of Object.entries(VALUES)) {
    it(`with a ${type} in any field harm nobody`, async () => {
      const store = await stores.connected();
      store.on('error', () => {});
      await store.set('fine', { cookie: {}, fine: true });
      const documents = [
        { _id: 'as session', session: value }, { _id: 'as expires', session: { cookie: {} }, expires: value },
        { _id: 'as cookie', session: { cookie: value } }, { _id: value instanceof Array || type === 'regex' ? 'as id' : value, session: { cookie: {} } }
      ];
      for (const document of documents) await put(store, document).catch((error) => assert.match(error.message, /_id|E11000/));
      for (const id of ['as session', 'as expires', 'as cookie']) {
        const [read] = await Promise.allSettled([store.get(id)]);
        if (read.status === 'rejected') assert.match(read.reason.message, new RegExp(`^Error (finding|destroying) ${id}: `));
        await Promise.allSettled([store.touch(id, { cookie: { path: '/' } })]);
      }
      await Promise.allSettled([store.all(), store.length(), store.ids()]);
      assert.equal((await store.get('fine')).fine, true);
      for (const id of ['as session', 'as expires', 'as cookie']) {
        await store.set(id, { cookie: {}, repaired: true });
        assert.equal((await store.get(id)).repaired, true);
        await store.destroy(id);
        assert.equal(await store.get(id), undefined);
      }
    });
  }
});
