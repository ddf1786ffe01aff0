'use strict';

const assert = require('node:assert/strict');
const bson = require('../support/bson');
const codec = require('../../lib/codec');
const { useStores } = require('../support/stores');
const { CHANGING, SESSIONS } = require('./hostile-sessions');

const AS_DRIVER = { ignoreUndefined: false, serializeFunctions: false, checkKeys: false };
/** The largest document that MongoDB stores. */
const MAX_BYTES = 16 * 1024 * 1024;

function outcomeOf(encode) {
  try {
    return { bytes: Buffer.from(encode()) };
  } catch (error) {
    return { error };
  }
}

describe('sessions that are hostile to their encoder', () => {
  for (const [title, make] of Object.entries(SESSIONS)) {
    it(`end as with the bson package: ${title}`, () => {
      const expected = outcomeOf(() => bson.serialize({ session: make() }, AS_DRIVER));
      const actual = outcomeOf(() => codec.encode({ session: make() }));
      // Version 7 needs no stack for what no MongoDB stores.
      if (title.startsWith('10,000 levels')) assert.ok(actual.error instanceof Error);
      else if (expected.error === undefined) {
        assert.equal(actual.error, undefined, `${actual.error?.stack}`);
        assert.deepEqual(actual.bytes, expected.bytes);
      } else {
        assert.ok(actual.error instanceof Error, `an error, as: ${expected.error}`);
      }
    });
  }

  for (const [title, make] of Object.entries(CHANGING)) {
    it(`that change are stored as one document or not at all: ${title}`, () => {
      const { bytes, error } = outcomeOf(() => codec.encode({ session: make(), after: 'whole' }));
      if (error) assert.ok(error instanceof Error);
      else assert.equal(bson.deserialize(bytes).after, 'whole');
    });
  }

  it('leave the encoder as it was', () => {
    const plain = { session: { a: [1, 'two', { three: null }], cookie: { path: '/' } } };
    const before = Buffer.from(codec.encode(plain));
    for (const make of Object.values({ ...SESSIONS, ...CHANGING })) {
      outcomeOf(() => codec.encode({ session: make() }));
      assert.deepEqual(Buffer.from(codec.encode(plain)), before);
    }
  });

  describe('in a store', () => {
    const stores = useStores();

    for (const [setting, options] of Object.entries({ plain: {}, partialUpdates: { partialUpdates: true }, encrypted: { crypto: { secret: Buffer.alloc(32, 1) } } })) {
      it(`harm none of those that are saved in the same tick: ${setting}`, async function() {
        this.timeout(60_000);
        const store = await stores.connected(options);
        store.on('error', () => {});
        const hostile = Object.entries({ ...SESSIONS, ...CHANGING });
        const ended = [];
        hostile.forEach(([title, make], n) => {
          ended.push(store.set(`before${n}`, { cookie: {}, n, title }));
          // Without a cookie of theirs, which is asked for a date.
          ended.push(store.set(`hostile${n}`, make()).catch((error) => assert.match(error.message, /^Error setting hostile/)));
          ended.push(store.set(`after${n}`, { cookie: {}, n, title }));
        });
        await Promise.all(ended);
        for (const [n, [title]] of hostile.entries()) {
          for (const place of ['before', 'after']) {
            const { n: stored, title: named } = await store.get(`${place}${n}`);
            assert.deepEqual([stored, named], [n, title], `${place} ${title}`);
          }
        }
      });
    }

    it('that call the store while they are encoded are saved after what they saved', async () => {
      const store = await stores.connected();
      const inner = [];
      const calling = (n) => ({ cookie: {}, n, get calls() { inner.push(store.set(`inner${n}`, { cookie: {}, n })); return 'called'; } });
      await Promise.all([0, 1, 2].map((n) => store.set(`outer${n}`, calling(n))));
      await Promise.all(inner);
      for (const n of [0, 1, 2]) {
        assert.deepEqual((await store.get(`inner${n}`)).n, n);
        assert.deepEqual([(await store.get(`outer${n}`)).n, (await store.get(`outer${n}`)).calls], [n, 'called']);
      }
    });

    it('near 16 MB are stored whole or refused, and their neighbours stored', async function() {
      this.timeout(60_000);
      const store = await stores.connected();
      store.on('error', () => {});
      const room = MAX_BYTES - 200;
      const [fits, tooLarge, wide, small] = await Promise.allSettled([
        store.set('fits', { cookie: {}, text: 'x'.repeat(room) }),
        store.set('too large', { cookie: {}, text: 'x'.repeat(MAX_BYTES + 20_000) }),
        store.set('wide', { cookie: {}, text: '€'.repeat(room / 3 | 0) }),
        store.set('small', { cookie: {}, small: true })
      ]);
      assert.equal(fits.status, 'fulfilled', `${fits.reason?.message.slice(-200)}`);
      assert.equal((await store.get('fits')).text.length, room);
      assert.equal(tooLarge.status, 'rejected');
      assert.ok(tooLarge.reason.message.length < 3000);
      assert.equal(await store.get('too large'), undefined);
      assert.equal(wide.status, 'fulfilled', `${wide.reason?.message.slice(-200)}`);
      assert.equal((await store.get('wide')).text.length, room / 3 | 0);
      assert.equal(small.status, 'fulfilled');
    });
  });
});
