'use strict';

/** Every method takes a callback, or gives a promise without one: with the same result, and the same error. */

const assert = require('node:assert/strict');
const { call, useStores } = require('../support/stores');

const session = (n) => ({ cookie: { path: '/' }, n });

/** Each with arguments, what it gives (undefined: nothing), and arguments that are an error, where there are such. */
const METHODS = {
  get: { args: ['a'], result: session(1), bad: [7] },
  set: { args: ['b', session(2)], bad: ['b', { cookie: null }] },
  touch: { args: ['a', session(1)], bad: [{}, session(1)] },
  destroy: { args: ['a'], bad: [null] },
  'destroy of many': { method: 'destroy', args: [['a', 'nobody']], bad: [['a', 7]] },
  'destroy of none': { method: 'destroy', args: [[]] },
  destroyWhere: { args: [{ 'session.n': 1 }], result: 1, bad: [{}] },
  sessionsOf: { args: [1, {}], result: ([{ id, session: stored }]) => assert.deepEqual([id, stored], ['a', session(1)]), bad: [{ $gt: 0 }] },
  destroyUser: { args: [1, {}], result: 1, bad: [1, { except: 7 }] },
  length: { args: [], result: 1 },
  ids: { args: [], result: ['a'] },
  all: { args: [], result: (documents) => assert.deepEqual(documents.map(({ _id, session: stored }) => [_id, stored]), [['a', session(1)]]) },
  clear: { args: [] },
  close: { args: [] }
};

/** What takes no callback, or is the middleware's. */
const OTHERS = ['stats', 'find', '_generateQuery', 'createSession', 'regenerate', 'constructor'];

describe('callbacks and promises', () => {
  const stores = useStores();

  async function stored() {
    const store = await stores.connected({ user: ({ n }) => n });
    await store.set('a', session(1));
    return store;
  }

  for (const [name, { method = name, args, result, bad }] of Object.entries(METHODS)) {
    const check = typeof result === 'function' ? result : (value) => assert.deepEqual(value, result);

    it(`${name}: a callback, later and with the result`, async () => {
      const called = await call(await stored(), method, ...args);
      assert.deepEqual([called.returned, called.sync], [undefined, false]);
      if (result === undefined) assert.deepEqual(called.args, []);
      else assert.equal(called.error, null);
      check(called.value);
    });

    it(`${name}: a promise of the result`, async () => {
      const promise = (await stored())[method](...args);
      assert.ok(promise instanceof Promise);
      check(await promise);
    });

    it(`${name}: neither a function nor nothing is refused`, async () => {
      const store = await stored();
      assert.throws(() => store[method](...args, 'callback'), { name: 'TypeError', message: 'callback must be a function or left out; got string' });
      assert.equal(await store.length(), 1);
    });

    if (bad) {
      it(`${name}: the same error to a callback, a promise and listeners`, async () => {
        const store = await stored();
        const heard = [];
        store.on('error', (error) => heard.push(error.message));
        const { error, returned } = await call(store, method, ...bad);
        assert.equal(returned, undefined);
        await assert.rejects(store[method](...bad), { name: error.name, message: error.message });
        assert.deepEqual(heard, [error.message, error.message]);
      });
    }
  }

  it('of the store\'s methods none is left out', () => {
    const { prototype } = stores.open().constructor;
    const methods = Object.keys(prototype).filter((name) => !OTHERS.includes(name));
    assert.deepEqual(methods.sort(), [...new Set(Object.entries(METHODS).map(([name, { method = name }]) => method))].sort());
  });
});
