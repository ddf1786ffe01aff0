'use strict';

const assert = require('node:assert/strict');
const bson = require('bson');
const fc = require('fast-check');
const { ask, useStores } = require('../support/stores');

/** Documents are nested, keys meet each other, and some are no paths of MongoDB. */
const KEYS = ['a', 'b', 'c', '0', '10', 'é', 'session', 'a.b', '$a', ''];

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(
      fc.integer({ min: -3, max: 3 }), fc.double(), fc.constantFrom('', 'x', 'é'.repeat(40)), fc.boolean(), fc.constant(null),
      fc.date({ noInvalidDate: true }),
      fc.integer({ min: -3, max: 3 }).map((number) => bson.Long.fromNumber(number)),
      fc.integer({ min: -3, max: 3 }).map((number) => new bson.Double(number)),
      fc.constantFrom(new bson.ObjectId(), new bson.Decimal128('1.0'), new bson.Binary(Buffer.from('x')), new bson.BSONSymbol('x'), new bson.MinKey())
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 4, noNullPrototype: true })
  )
}));
const session = fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 8, noNullPrototype: true })
  .map((keys) => ({ cookie: { path: '/' }, ...keys }));

/** By key, as it is stored: the order of the keys of a session that is saved in part is not the application's. */
const byKey = (stored) => {
  const document = bson.deserialize(bson.serialize(stored), { promoteValues: false });
  return Object.fromEntries(Object.entries(document).map(([key, each]) => [key, bson.EJSON.stringify({ each }, { relaxed: false })]).sort());
};

/** What is read of it, without the types of numbers. */
const inJavaScript = (stored) => byKey(bson.deserialize(bson.serialize(stored)));

describe('partialUpdates: any session saved after any other', function() {
  this.timeout(60000);
  this.slow(20000);
  const stores = useStores();

  for (const options of [{}, { maxLifetime: 60_000 }, { connectionOptions: { promoteValues: false } }]) {
    it(`is stored as it is, and as it is after that, with ${JSON.stringify(options)}`, async () => {
      const store = await stores.connected({ partialUpdates: true, ...options });
      const rows = stores.rows(store);
      let serial = 0;
      await fc.assert(fc.asyncProperty(session, session, session, fc.boolean(), async (before, first, second, waits) => {
        const _id = `s${++serial}`;
        // By another driver: numbers of other types than this one stores.
        await rows.insertOne({ _id, session: before, expires: new Date(Date.now() + 60_000) }, { ignoreUndefined: false });
        const mine = await ask(store, 'get', _id);
        const become = (next) => {
          for (const key of Object.keys(mine)) delete mine[key];
          Object.assign(mine, next);
          return ask(store, 'set', _id, mine);
        };
        const saving = become(first);
        if (waits) {
          await saving;
          assert.deepEqual(inJavaScript((await rows.findOne({ _id }, { promoteValues: false })).session), inJavaScript(first));
        }
        await Promise.all([saving, become(second)]);
        assert.deepEqual(inJavaScript((await rows.findOne({ _id }, { promoteValues: false })).session), inJavaScript(second));
      }), { numRuns: Number(process.env.PROPERTY_RUNS) || 200 });
    });
  }

  it('what another driver stored as another type of number is not written', async () => {
    const store = await stores.connected({ partialUpdates: true });
    const rows = stores.rows(store);
    const theirs = { a: bson.Long.fromNumber(5), b: new bson.Double(5), deep: [{ c: bson.Long.fromNumber(2 ** 40) }], symbol: new bson.BSONSymbol('x') };
    await rows.insertOne({ _id: 'sid', session: { cookie: {}, ...theirs }, expires: new Date(Date.now() + 60_000) });
    const mine = await ask(store, 'get', 'sid');
    await rows.updateOne({ _id: 'sid' }, { $set: { 'session.a': 'theirs', 'session.deep': 'theirs' } });
    mine.mine = 1;
    await ask(store, 'set', 'sid', mine);
    assert.deepEqual(byKey((await rows.findOne({ _id: 'sid' }, { promoteValues: false })).session), byKey({
      cookie: {}, a: 'theirs', b: new bson.Double(5), deep: 'theirs', symbol: new bson.BSONSymbol('x'), mine: 1
    }));
  });

  it('what a large session was saved with is undone by later saves', async () => {
    const store = await stores.connected({ partialUpdates: true });
    await ask(store, 'set', 'sid', { cookie: {}, large: 'x'.repeat(50_000), a: 0, gone: 1, other: 0 });
    const mine = await ask(store, 'get', 'sid');
    await stores.rows(store).updateOne({ _id: 'sid' }, { $set: { 'session.other': 1 } });
    const save = async (changes) => {
      Object.assign(mine, changes);
      await ask(store, 'set', 'sid', mine);
      const { large, ...rest } = (await stores.rows(store).findOne({ _id: 'sid' })).session;
      assert.equal(large.length, 50_000);
      return rest;
    };
    assert.deepEqual(await save({ a: 1 }), { cookie: {}, a: 1, gone: 1, other: 1 });
    assert.deepEqual(await save({ added: 1 }), { cookie: {}, a: 1, gone: 1, other: 1, added: 1 });
    delete mine.gone;
    delete mine.added;
    assert.deepEqual(await save({ a: 0 }), { cookie: {}, a: 0, other: 1 });
    assert.deepEqual(await save({ gone: 1 }), { cookie: {}, a: 0, other: 1, gone: 1 });
  });

  it('a session that is saved many times is written in part each time', async () => {
    const store = await stores.connected({ partialUpdates: true });
    await ask(store, 'set', 'sid', { cookie: {}, large: 'x'.repeat(1000), other: 0 });
    const mine = await ask(store, 'get', 'sid');
    await stores.rows(store).updateOne({ _id: 'sid' }, { $set: { 'session.other': 1 } });
    // What is kept of the saves outgrows the session.
    for (let n = 0; n < 100; n++) {
      mine.text = String(n).repeat(50);
      if (n % 2) mine.odd = n;
      else delete mine.odd;
      await ask(store, 'set', 'sid', mine);
    }
    delete mine.text;
    await ask(store, 'set', 'sid', mine);
    const { session: stored } = await stores.rows(store).findOne({ _id: 'sid' });
    assert.deepEqual(stored, { cookie: {}, large: 'x'.repeat(1000), other: 1, odd: 99 });
  });
});
