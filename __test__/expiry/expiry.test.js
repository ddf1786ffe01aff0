'use strict';

const assert = require('node:assert/strict');
const { useStores } = require('../support/stores');

/** The last that a date of JavaScript can be, in ms since 1970. */
const LAST = 8.64e15;

describe('an expiry', () => {
  const stores = useStores();

  it('beyond what a date can say is the last date, and the session lives', async () => {
    const store = await stores.connected({ expires: Number.MAX_VALUE });
    await store.set('a', { cookie: {} });
    assert.deepEqual((await stores.rows(store).findOne()).expires, new Date(LAST));
    assert.deepEqual(await store.get('a'), { cookie: {} });
    await store.touch('a', { cookie: {} });
    assert.equal(await store.length(), 1);
  });

  it('of parts of a millisecond is cut, not refused', async () => {
    const store = await stores.connected({ expires: 1e6 + 0.5 });
    const before = Date.now();
    await store.set('a', { cookie: {} });
    const left = (await stores.rows(store).findOne()).expires - before;
    assert.ok(left >= 1e6 && left <= 1e6 + 60_000, `${left}`);
  });
});
