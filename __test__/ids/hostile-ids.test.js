'use strict';

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const fc = require('fast-check');
const { useStores } = require('../support/stores');

const boom = () => {
  throw new Error('boom');
};
function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Ids that fight back while they are refused. */
const IDS = {
  'an inspection that throws': () => ({ [inspect.custom]: boom }), 'a revoked Proxy': revoked, 'a Proxy that throws': () => new Proxy({}, { get: boom, ownKeys: boom }),
  'a tag that throws': () => ({ get [Symbol.toStringTag]() { return boom(); } }), 'a getter that throws': () => ({ get a() { return boom(); } }),
  'toString that throws': () => ({ toString: boom, valueOf: boom, toJSON: boom }), 'a symbol': () => Symbol('id'), 'a function': () => boom, 'a large Buffer': () => Buffer.alloc(1e6),
  'a class': () => class Id {}, 'no prototype': () => Object.create(null)
};

describe('session ids that are hostile', () => {
  const stores = useStores();

  const CALLS = {
    get: (store, id) => store.get(id), set: (store, id) => store.set(id, { cookie: {} }), touch: (store, id) => store.touch(id, { cookie: {} }),
    destroy: (store, id) => store.destroy(id), 'destroy of many': (store, id) => store.destroy(['a', id])
  };
  const refused = async (store, method, id) => {
    const [outcome] = await Promise.allSettled([CALLS[method](store, id)]);
    assert.equal(outcome.status, 'rejected', method);
    assert.match(outcome.reason.message, /^Error (finding|setting|touching|destroying) [^]*the session id must be a string; got /);
    assert.equal(outcome.reason.name, 'TypeError');
    assert.ok(outcome.reason.message.length < 5000);
  };

  for (const [title, make] of Object.entries(IDS)) {
    it(`are refused, once, as what they are: ${title}`, async () => {
      const store = await stores.connected({ touchAfter: 1, hashIds: true });
      const heard = [];
      store.on('error', (error) => heard.push(error));
      await store.set('a', { cookie: {} });
      for (const method of Object.keys(CALLS)) await refused(store, method, make());
      assert.equal(heard.length, Object.keys(CALLS).length);
      assert.equal(store.stats().pending, 0);
      assert.equal(await store.length(), 1);
    });
  }

  it('are refused whatever fast-check thinks of', async () => {
    const store = await stores.connected();
    store.on('error', () => {});
    await store.set('a', { cookie: {} });
    const anything = fc.anything({ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true, withSet: true, withSparseArray: true, withTypedArray: true })
      .filter((value) => typeof value !== 'string');
    await fc.assert(fc.asyncProperty(fc.constantFrom(...Object.keys(CALLS)), anything, async (method, id) => {
      // A list of ids is what destroy takes.
      await refused(store, method, method === 'destroy' && Array.isArray(id) ? { list: id } : id);
    }), { numRuns: 300 });
    assert.equal(await store.length(), 1);
  });
});
