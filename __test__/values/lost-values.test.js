'use strict';

/** What a session loses when it is saved, as with the original: here with a warning that says where. */

const assert = require('node:assert/strict');
const { runStoreScript } = require('../support/child');
const { useStores } = require('../support/stores');

describe('values that are not stored as they are', () => {
  const stores = useStores();

  /** What is warned about while sessions are saved; `values` is the source of an array of what is in `session.cart.v`. */
  async function warnings(values, options = '{}') {
    const { warnings: said, reports, uncaught } = await runStoreScript(`
      const store = new Store({ uri, collection: 'lost', ...${options} });
      await store.initialConnectionPromise;
      class Private { #x = 1; get x() { return this.#x; } }
      class Cart { constructor() { this.items = [1]; } get total() { return 1; } }
      class Nothing {}
      for (const value of ${values}) {
        await store.set('a', { cookie: {}, cart: { v: value } });
        report(JSON.stringify((await store.get('a')).cart.v));
      }
      await store.close();`, { uri: stores.uri });
    assert.deepEqual(uncaught, []);
    return { reports, said: said.filter(({ name }) => name === 'MongoDBStoreWarning').map(({ code, message }) => ({ code, message })) };
  }

  for (const [source, kind, advice] of [
    ['new Set(["admin"])', 'a Set', 'Store an array, such as `[...set]`'],
    ['new URL("http://localhost/")', 'a URL', 'Store its text, `url.href`'],
    ['new Private()', 'a Private', 'Store a plain object, or give the class a method `toBSON()` that returns one'],
    ['new Error("lost")', 'an Error', 'Store its message']
  ]) {
    it(`${kind} is stored as {}: warned about once, with its path`, async () => {
      const { said, reports } = await warnings(`[${source}, ${source}]`);
      assert.deepEqual(reports, ['{}', '{}']);
      assert.deepEqual(said, [{
        code: 'MONGODB_STORE_VALUE_LOST',
        message: `session.cart.v is ${kind}, whose content is not stored: MongoDB has {} in its place. ${advice}`
      }]);
    });
  }

  it('also beside values that only the bson package can encode, in arrays and Maps, and with partialUpdates', async () => {
    const { said } = await warnings('[{ r: /a/, deep: [new Map([["roles", new Set([1])]])] }]', '{ partialUpdates: true }');
    assert.equal(said.length, 1);
    assert.match(said[0].message, /^session\.cart\.v\.deep\.0\.roles is a Set,/);
  });

  it('what is stored, or was empty, is not warned about', async () => {
    const kept = '[new Set(), new Map([["a", 1]]), new Cart(), new Nothing(), {}, [], new Date(0), /a/, Buffer.alloc(1), new Uint8Array(2), { toBSON: () => ({}) }, Object.create(null)]';
    assert.deepEqual((await warnings(kept)).said, []);
  });

  it('another class at the same path is told too', async () => {
    const { said } = await warnings('[new Set([1]), new URL("http://localhost/"), new Set([2])]');
    assert.deepEqual(said.map(({ message }) => /is an? (\w+)/.exec(message)[1]), ['Set', 'URL']);
  });

  it('no more than ten paths are told: keys may be ids', async () => {
    assert.equal((await warnings('Array.from({ length: 30 }, (_, id) => ({ [id]: new Set([1]) }))')).said.length, 10);
  });

  describe('cookie.expires', () => {
    async function saved(...values) {
      const { warnings: said, reports } = await runStoreScript(`
        const store = new Store({ uri, collection: 'durations' });
        await store.initialConnectionPromise;
        for (const expires of [${values.join()}]) {
          await store.set('a', { cookie: { expires } });
          report(Boolean(await store.get('a')));
        }
        await store.close();`, { uri: stores.uri });
      return { alive: reports, said: said.filter(({ code }) => code === 'MONGODB_STORE_COOKIE_EXPIRES').map(({ message }) => message) };
    }

    it('as a duration is a date in the past, as with the original: warned about once', async () => {
      const { alive, said } = await saved(172800000, 3600, -1);
      assert.deepEqual(alive, [false, false, false]);
      assert.deepEqual(said, [
        "A session's cookie.expires is the number 172800000, which as a date is in 1970: such sessions have expired when they are saved. " +
          'Give a date, or give the duration in milliseconds as cookie.maxAge'
      ]);
    });

    it('as a date, whichever, as a time or as text is not warned about', async () => {
      const { alive, said } = await saved('new Date(1)', 'Date.now() + 1e6', 'new Date(Date.now() + 1e6).toISOString()', '0');
      assert.deepEqual(alive, [false, true, true, true]);
      assert.deepEqual(said, []);
    });
  });
});
