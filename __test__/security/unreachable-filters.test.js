'use strict';

/** Filters of `destroyWhere` that could find nothing: nobody is to believe that somebody was logged out. */

const assert = require('node:assert/strict');
const { useStores } = require('../support/stores');

/** Bytes need no stretching, which takes seconds in a debug build. */
const SECRET = Buffer.alloc(32, 7);
const SESSION = { cookie: {}, user: 'ada' };
const INTO_SESSION = {
  'a path': { 'session.user': 'ada' },
  'a path beside others': { session: { $exists: true }, 'session.user': 'ada' },
  'a whole session': { session: { user: 'ada' } },
  '$or': { $or: [{ tenant: 1 }, { 'session.user': 'ada' }] },
  '$and within $nor': { $nor: [{ $and: [{ 'session.user': 'ada' }] }] },
  'an expression': { $expr: { $eq: ['$session.user', 'ada'] } },
  'an expression from the root': { $or: [{ $expr: { $in: ['ada', ['$$ROOT.session.user']] } }] }
};

describe('a filter of destroyWhere that could find nothing', () => {
  const stores = useStores();

  async function storeWith(options) {
    const store = await stores.connected(options);
    await store.set('a', SESSION);
    return store;
  }

  async function refused(store, filter, message) {
    await assert.rejects(store.destroyWhere(filter), (error) => {
      assert.equal(error.name, 'TypeError');
      assert.match(error.message, message);
      return true;
    });
    assert.equal(await store.length(), 1);
  }

  for (const [title, filter] of Object.entries(INTO_SESSION)) {
    it(`${title}, where sessions are encrypted`, async () => {
      const store = await storeWith({ crypto: { secret: SECRET } });
      await refused(store, filter, /^Error destroying sessions: destroyWhere cannot look into sessions \("\$?\$?.*session.*"\) with the option crypto: .* destroy\(\[ids\]\)/);
    });

    it(`${title}, where serialize gives texts`, async () => {
      const store = await storeWith({ serialize: JSON.stringify });
      await refused(store, filter, /with the option serialize: .* destroy\(\[ids\]\) .* store\.collection\.deleteMany\(filter\)/);
    });
  }

  for (const idField of ['_id', 'sid']) {
    for (const filter of [{ [idField]: 'a' }, { $or: [{ [idField]: { $in: ['a'] } }] }]) {
      it(`the id, where it is hashed: ${JSON.stringify(filter)}`, async () => {
        const store = await storeWith({ hashIds: true, idField });
        await refused(store, filter, new RegExp(`cannot filter by "${idField}" with the option hashIds: .* destroy\\(\\[ids\\]\\)`));
        await store.destroy(['a']);
        assert.equal(await store.length(), 0);
      });
    }
  }

  it('is none where it finds something', async () => {
    const past = { expires: { $lt: new Date(Date.now() + 1e12) } };
    for (const [options, filter] of [
      [{ crypto: { secret: SECRET } }, past],
      [{ crypto: { secret: SECRET } }, { session: { $exists: true } }],
      [{ serialize: JSON.stringify }, { session: /ada/ }],
      [{ crypto: { secret: SECRET } }, { _id: 'a' }],
      [{ hashIds: true }, { 'session.user': 'ada' }],
      [{ transformId: (id) => `s:${id}` }, { _id: 's:a' }],
      [{}, { $or: [{ 'session.user': 'ada' }] }]
    ]) {
      const store = await storeWith(options);
      assert.equal(await store.destroyWhere(filter), 1, JSON.stringify(filter));
    }
  });
});
