'use strict';

const assert = require('node:assert/strict');
const vm = require('node:vm');
const bson = require('bson');
const fc = require('fast-check');
const { useStores } = require('../support/stores');

const session = (more) => ({ cookie: { path: '/' }, ...more });

/** What is an object, and not a filter: BSON encoders make an empty document of most of these. */
const NO_FILTERS = {
  'a Buffer': () => Buffer.from('ada'), 'a Uint8Array': () => Uint8Array.of(1, 2), 'an ArrayBuffer': () => Object.assign(new ArrayBuffer(2), { a: 1 }),
  'a Date': () => Object.assign(new Date(0), { a: 1 }), 'a Map': () => new Map([['session.user', 1]]),
  'a Set': () => Object.assign(new Set(['a']), { a: 1 }), 'a RegExp': () => Object.assign(/a/, { a: 1 }),
  'an Error': () => Object.assign(new Error('x'), { a: 1 }), 'a Promise': () => Object.assign(Promise.resolve(), { a: 1 }),
  'a String object': () => Object('ada'), 'a class instance': () => new (class Filter { user = 1; })(),  
  'one that inherits its conditions': () => Object.create({ user: 1 }), 'an ObjectId': () => new bson.ObjectId(),
  'data that says it is an ObjectId': () => ({ _bsontype: 'ObjectId', a: 1 }), 'arguments': (function() { return () => arguments; })(1),
  'one whose toBSON gives everything': () => ({ user: 1, toBSON: () => ({}) }), 'a function with conditions': () => Object.assign(() => {}, { a: 1 }),
  'symbol keys only': () => ({ [Symbol('a')]: 1 })
};

describe('the filter of destroyWhere', () => {
  const stores = useStores();
  let store;

  before(async () => {
    store = await stores.connected();
    // Kept for all tests: none of them may delete anything of it.
    stores.opened.pop();
    await store.set('ada', session({ user: 1 }));
    await store.set('bob', session({ user: 2 }));
  });

  after(() => store.close());

  const refused = async (filter, message) => {
    await assert.rejects(store.destroyWhere(filter), { name: 'TypeError', message });
    assert.equal(await stores.rows(store).countDocuments(), 2);
  };

  for (const [title, make] of Object.entries(NO_FILTERS)) {
    it(`is not ${title}`, () => refused(make(), /^Error destroying sessions: destroyWhere takes a plain object with at least one condition/));
  }

  for (const value of [undefined, () => 1, Symbol('a')]) {
    it(`has no condition that would not be sent: ${typeof value}`, async () => {
      await refused({ 'session.user': value, tenant: 7 }, new RegExp(`cannot use the condition "session\\.user": its value is (a )?${typeof value}$`));
    });
  }

  it('does not change after it was checked', async () => {
    let reads = 0;
    const filter = { get tenant() { return reads++ === 0 ? 7 : { $exists: false }; } };
    assert.equal(await store.destroyWhere(filter), 0);
    assert.equal(reads, 1);
    let asked = 0;
    const proxy = new Proxy({ tenant: 7 }, { ownKeys: (target) => (asked++ === 0 ? Reflect.ownKeys(target) : []) });
    assert.equal(await store.destroyWhere(proxy), 0);
    assert.equal(await stores.rows(store).countDocuments(), 2);
  });

  it('whose getter throws deletes nothing', () => refused({ get tenant() { throw new TypeError('no tenant'); } }, /destroying sessions: no tenant$/));

  for (const [title, make] of Object.entries({
    'without a prototype': () => Object.assign(Object.create(null), { 'session.user': 3 }),
    'of another realm': () => vm.runInNewContext('({ "session.user": 3 })'),
    'with an own __proto__': () => JSON.parse('{"__proto__":{"$exists":true}}')
  })) {
    it(`may be an object ${title}`, async () => {
      assert.equal(await store.destroyWhere(make()), 0);
      assert.equal(await stores.rows(store).countDocuments(), 2);
    });
  }

  it('with null finds what does not have the field, as in MongoDB', async () => {
    assert.equal(await store.destroyWhere({ 'session.user': null }), 0);
    await store.set('guest', session());
    assert.equal(await store.destroyWhere({ 'session.user': null }), 1);
    assert.equal(await stores.rows(store).countDocuments(), 2);
  });

  it('whatever it is, is an error, or deletes what the Node driver finds by it', async () => {
    const anything = fc.anything({ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true,
      withObjectString: true, withSet: true, withSparseArray: true, withTypedArray: true });
    await fc.assert(fc.asyncProperty(anything, async (filter) => {
      const [found] = await Promise.allSettled([stores.rows(store).countDocuments(filter)]);
      const [outcome] = await Promise.allSettled([store.destroyWhere(filter)]);
      const left = await stores.rows(store).countDocuments();
      await store.set('ada', session({ user: 1 }));
      await store.set('bob', session({ user: 2 }));
      if (outcome.status === 'rejected') {
        assert.match(outcome.reason.message, /^Error destroying sessions: /);
        assert.equal(left, 2);
      } else {
        assert.notEqual(Object.keys(filter).length, 0, 'no condition is every session');
        assert.equal(outcome.value, found.value);
        assert.equal(left, 2 - found.value);
      }
    }), { numRuns: 300, examples: [[{}], [{ 'no such field': null }], [{ user: [] }], [{ _id: 'ada' }]] });
  });
});
