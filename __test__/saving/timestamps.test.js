'use strict';

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const { assertNear, eventually, useStores } = require('../support/stores');

const session = (more) => ({ cookie: { path: '/' }, ...more });

describe('timestamps', () => {
  const stores = useStores();
  const documentOf = (store) => stores.rows(store).findOne();

  it('are not stored unless they are asked for', async () => {
    const store = await stores.connected();
    await store.set('a', session());
    assert.deepEqual(Object.keys(await documentOf(store)).sort(), ['_id', 'expires', 'session']);
  });

  const WAYS = {
    'a store': {},
    'a store with crypto and hashIds': { crypto: { secret: randomBytes(32) }, hashIds: true },
    'a store with another idField': { idField: 'sid' },
    'a store with partialUpdates and preventResurrection': { partialUpdates: true, preventResurrection: true }
  };

  for (const [title, options] of Object.entries(WAYS)) {
    it(`${title} keeps the creation, and renews the change with every save and touch`, async () => {
      const store = await stores.connected({ ...options, timestamps: true });
      await store.set('a', session({ n: 1 }));
      const created = await documentOf(store);
      assertNear(created.createdAt, Date.now());
      assertNear(created.updatedAt, Date.now());
      const later = async (change) => {
        const before = await documentOf(store);
        return eventually(async () => {
          await change();
          const { createdAt, updatedAt } = await documentOf(store);
          assert.deepEqual(createdAt, created.createdAt);
          return updatedAt > before.updatedAt;
        });
      };
      const loaded = await store.get('a');
      await later(() => store.set('a', Object.assign(loaded, { n: 2 })));
      await later(() => store.touch('a', loaded));
      assert.equal((await store.get('a')).n, 2);
      assert.equal(await store.length(), 1);
    });
  }

  it('give no creation to a session that was there before', async () => {
    const before = await stores.connected();
    await before.set('a', session());
    const store = await stores.connected({ collection: before.options.collection, timestamps: true });
    await store.set('a', session());
    const { createdAt, updatedAt } = await documentOf(store);
    assert.equal(createdAt, undefined);
    assertNear(updatedAt, Date.now());
  });

  it('go through the updateOne of an application', async () => {
    const store = await stores.connected({ timestamps: true });
    const { updateOne } = store.collection;
    store.collection.updateOne = (...args) => updateOne.apply(store.collection, args);
    await store.set('a', session());
    const { createdAt, updatedAt } = await documentOf(store);
    assertNear(createdAt, Date.now());
    assertNear(updatedAt, Date.now());
  });

  it('are refused when they are no boolean, and when a field of the store has their name', () => {
    assert.throws(() => stores.open({ timestamps: 'yes' }), { name: 'CastError', message: /^timestamps: Could not cast .* to boolean/ });
    assert.throws(() => stores.open({ timestamps: true, idField: 'createdAt' }), {
      name: 'TypeError', message: 'idField and timestamps ("createdAt") must be different fields of the stored document'
    });
  });
});
