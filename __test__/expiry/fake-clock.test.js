'use strict';

/** Test suites that set the clock: what is alive is judged by JavaScript's `Date`, in every method. */

const assert = require('node:assert/strict');
const sinon = require('sinon');
const { useStores } = require('../support/stores');

const YEAR_MS = 365 * 24 * 3600 * 1000;

describe('the clock of a test', () => {
  const stores = useStores();
  let clock;

  afterEach(() => clock?.restore());

  for (const [title, moved] of Object.entries({ 'six years ago': -6 * YEAR_MS, 'in six years': 6 * YEAR_MS })) {
    it(`${title}: a session is alive for get, all, length and ids`, async () => {
      const store = await stores.connected({ autoRemove: 'disabled' });
      clock = sinon.useFakeTimers({ now: Date.now() + moved, toFake: ['Date'] });
      await store.set('a', { cookie: { expires: new Date(Date.now() + 3600_000) }, n: 1 });
      assert.equal((await store.get('a')).n, 1);
      assert.equal(await store.length(), 1);
      assert.deepEqual((await store.all()).map(({ _id }) => _id), ['a']);
      assert.deepEqual(await store.ids(), ['a']);
      clock.tick(3600_001);
      assert.equal(await store.length(), 0);
      assert.deepEqual(await store.all(), []);
      assert.deepEqual(await store.ids(), []);
      assert.equal(await store.get('a'), undefined);
    });
  }
});
