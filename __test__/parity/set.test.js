'use strict';

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const impl = require('../support/impl');
const { useStores, call, ask, refusal, assertNear } = require('../support/stores');
const { difference } = require('./differences');

const HOUR = 60 * 60 * 1000;
const TWO_WEEKS = 14 * 24 * HOUR;

describe(`set [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();
  const future = () => new Date(Date.now() + HOUR);

  /** What the collection holds after one set. */
  async function stored(session, options = {}, sid = 'sid') {
    const store = await stores.connected(options);
    await ask(store, 'set', sid, session);
    const documents = await stores.rows(store).find().toArray();
    assert.equal(documents.length, 1);
    return documents[0];
  }

  describe('the document', () => {
    it('has the id, the session and the expiry', async () => {
      const expires = future();
      const document = await stored({ cookie: { expires }, user: { name: 'ada' }, list: [1, null] });
      assert.deepEqual(document, {
        _id: 'sid',
        session: { cookie: { expires }, user: { name: 'ada' }, list: [1, null] },
        expires
      });
    });

    it('has the fields in the order they are set', async () => {
      const { session } = await stored({ b: 1, cookie: {}, a: 2 });
      assert.deepEqual(Object.keys(session), ['b', 'cookie', 'a']);
    });

    it('has a custom idField beside an ObjectId', async () => {
      const document = await stored({ cookie: {} }, { idField: 'sessionId' });
      assert.equal(document.sessionId, 'sid');
      assert.equal(document._id._bsontype, 'ObjectId');
    });

    it('has the expiry under expiresKey', async () => {
      const expires = future();
      const document = await stored({ cookie: { expires } }, { expiresKey: '_ts' });
      assert.deepEqual(document, { _id: 'sid', session: { cookie: { expires } }, _ts: expires });
    });

    it('keeps what else an application put there', async () => {
      const store = await stores.connected();
      await stores.rows(store).insertOne({ _id: 'sid', session: { old: true }, note: 'mine' });
      await ask(store, 'set', 'sid', { cookie: {}, n: 1 });
      const document = await stores.rows(store).findOne({ _id: 'sid' });
      assert.equal(document.note, 'mine');
      assert.deepEqual(document.session, { cookie: {}, n: 1 }, 'the session is replaced, not merged');
    });

    it('has inherited enumerable properties of the session too', async () => {
      const { session } = await stored(Object.assign(Object.create({ inherited: 1 }), { cookie: {}, own: 2 }));
      assert.deepEqual(session, { cookie: {}, own: 2, inherited: 1 });
    });

    it('has none of express-session\'s request and methods', async () => {
      const request = { sessionID: 'sid', sessionStore: null };
      const session = new expressSession.Session(request, { cookie: new expressSession.Cookie(), n: 1 });
      const document = await stored(session);
      assert.deepEqual(Object.keys(document.session).sort(), ['cookie', 'n']);
    });
  });

  describe('the cookie', () => {
    it('is what its toJSON gives', async () => {
      const { session } = await stored({ cookie: { secret: 1, toJSON: () => ({ shown: 2 }) } });
      assert.deepEqual(session.cookie, { shown: 2 });
    });

    it('is stored as it is without toJSON', async () => {
      assert.deepEqual((await stored({ cookie: { test: 2 } })).session.cookie, { test: 2 });
      assert.equal((await stored({ cookie: 'text' })).session.cookie, 'text');
    });

    it('of express-session is stored with its dates as dates', async () => {
      const cookie = new expressSession.Cookie({ maxAge: HOUR });
      const { session, expires } = await stored({ cookie });
      assert.equal(session.cookie.originalMaxAge, cookie.originalMaxAge);
      assert.equal(session.cookie.path, '/');
      assert.deepEqual(session.cookie.expires, cookie.expires);
      assert.deepEqual(expires, cookie.expires);
    });
  });

  describe('the expiry', () => {
    const at = Date.UTC(2040, 0, 1);
    for (const [label, expires] of [['a Date', new Date(at)], ['an ISO text', '2040-01-01T00:00:00.000Z'],
      ['milliseconds', at]]) {
      it(`is cookie.expires given as ${label}`, async () => {
        assert.deepEqual((await stored({ cookie: { expires } })).expires, new Date(at));
      });
    }

    for (const [label, session] of [['null', { cookie: { expires: null } }], ['false', { cookie: { expires: false } }],
      ['not there', { cookie: {} }], ['without a cookie', {}]]) {
      it(`is two weeks from now when cookie.expires is ${label}`, async () => {
        assertNear((await stored(session)).expires, Date.now() + TWO_WEEKS);
      });
    }

    it('is the option expires, in milliseconds, from now', async () => {
      assertNear((await stored({ cookie: {} }, { expires: 1000 * 60 })).expires, Date.now() + 1000 * 60);
    });

    difference('unparsable-cookie-expiry', {
      original: async () => {
        const document = await stored({ cookie: { expires: 'garbage' }, n: 1 });
        assert.deepEqual(document.expires, new Date(0));
      },
      ours: async () => {
        for (const expires of ['garbage', new Date(NaN), {}]) {
          const document = await stored({ cookie: { expires }, n: 1 });
          assertNear(document.expires, Date.now() + TWO_WEEKS);
          assert.equal(document.session.n, 1);
        }
      }
    });
  });

  describe('the call', () => {
    it('calls back without arguments, never synchronously, and returns undefined', async () => {
      const store = await stores.connected();
      const { args, sync, returned } = await call(store, 'set', 'sid', { cookie: {} });
      assert.deepEqual(args, []);
      assert.equal(sync, false);
      assert.equal(returned, undefined);
    });

    it('takes the session as it is now, whatever happens to it later', async () => {
      const store = await stores.connected();
      const session = { cookie: {}, n: 1 };
      const writing = ask(store, 'set', 'sid', session);
      session.cookie = { changed: true };
      session.n = 2;
      await writing;
      assert.deepEqual((await stores.rows(store).findOne({ _id: 'sid' })).session, { cookie: {}, n: 1 });
    });

    it('writes many at once', async () => {
      const store = await stores.connected();
      await Promise.all(Array.from({ length: 100 }, (_, n) => ask(store, 'set', `s${n}`, { cookie: {}, n })));
      const documents = await stores.rows(store).find().sort({ 'session.n': 1 }).toArray();
      assert.deepEqual(documents.map(document => document._id), Array.from({ length: 100 }, (_, n) => `s${n}`));
    });

    difference('write-order', {
      ours: async () => {
        const store = await stores.connected();
        const last = {};
        await Promise.all(Array.from({ length: 300 }, (_, n) => {
          last[n % 3] = n;
          return ask(store, 'set', `s${n % 3}`, { cookie: {}, n });
        }));
        for (const [sid, n] of Object.entries(last)) {
          assert.equal((await ask(store, 'get', `s${sid}`)).n, n);
        }
      }
    });

    difference('write-order', {
      aspect: 'a destroy among them',
      ours: async () => {
        const store = await stores.connected();
        const work = [];
        for (let n = 0; n < 30; n++) {
          work.push(ask(store, 'set', `s${n}`, { cookie: {}, n }), ask(store, 'destroy', `s${n}`));
          if (n % 2) {
            work.push(ask(store, 'set', `s${n}`, { cookie: {}, again: n }));
          }
        }
        await Promise.all(work);
        const left = await stores.rows(store).find().toArray();
        assert.equal(left.length, 15);
        assert.ok(left.every(({ _id, session }) => _id === `s${session.again}`));
      }
    });

    it('goes through store.collection, so that it can be stubbed', async () => {
      const store = await stores.connected();
      const calls = [];
      store.collection.updateOne = async (...args) => { calls.push(args); };
      const expires = future();
      await ask(store, 'set', 'sid', { cookie: { expires }, n: 1 });
      assert.deepEqual(calls, [[
        { _id: 'sid' },
        { $set: { _id: 'sid', session: { cookie: { expires }, n: 1 }, expires } },
        { upsert: true }
      ]]);
    });

    it('reports an error of the driver', async () => {
      const store = await stores.connected();
      store.collection.updateOne = async () => { throw new Error('taco tuesday'); };
      assert.equal((await refusal(store, 'set', 'a1', { n: 1 })).message,
        'Error setting a1 to { n: 1 }: taco tuesday');
    });
  });

  describe('a session that cannot be stored', () => {
    /** @returns the error; nothing may have been stored, and the store still works */
    async function refused(session) {
      const store = await stores.connected();
      const error = await refusal(store, 'set', 'sid', session);
      assert.equal(await stores.rows(store).countDocuments(), 0, 'nothing is stored, not even half');
      await ask(store, 'set', 'next', { cookie: {}, n: 1 });
      assert.equal((await ask(store, 'get', 'next')).n, 1);
      return error;
    }

    it('is circular', async () => {
      const session = {};
      session.c = session;
      assert.equal((await refused(session)).message,
        'Error setting sid to <ref *1> { c: [Circular *1] }: Cannot convert circular structure to BSON');
    });

    it('is circular deeper down', async () => {
      const session = { cookie: {}, a: [{}] };
      session.a[0].up = session.a;
      assert.match((await refused(session)).message,
        /^Error setting sid to [^]*: Cannot convert circular structure to BSON$/);
    });

    for (const bytes of [17, 40]) {
      it(`has ${bytes} MB`, async () => {
        const error = await refused({ cookie: {}, text: 'x'.repeat(bytes * 1024 * 1024) });
        assert.match(error.message, /^Error setting sid to /);
      });
    }

    for (const levels of [250, 10000]) {
      it(`is ${levels} levels deep`, async () => {
        const session = { cookie: {} };
        for (let level = 0, at = session; level < levels; level++) {
          at = at.a = {};
        }
        assert.match((await refused(session)).message, /^Error setting sid to \{/);
      });
    }

    it('has a getter that throws', async () => {
      const session = { cookie: {}, nested: { get broken() { throw new Error('from the getter'); } } };
      assert.match((await refused(session)).message, /^Error setting sid to [^]*: from the getter$/);
    });

    it('leaves the stored session as it was', async () => {
      const store = await stores.connected();
      await ask(store, 'set', 'sid', { cookie: {}, n: 1 });
      await refusal(store, 'set', 'sid', { cookie: {}, n: 2, text: 'x'.repeat(17 * 1024 * 1024) });
      assert.equal((await ask(store, 'get', 'sid')).n, 1);
    });

    it('does not take others with it', async () => {
      const store = await stores.connected();
      const session = {};
      session.c = session;
      const outcomes = await Promise.all(['a', 'bad', 'b', 'bad', 'c'].map(sid =>
        call(store, 'set', sid, sid === 'bad' ? session : { cookie: {}, sid })));
      assert.deepEqual(outcomes.map(({ error }) => Boolean(error)), [false, true, false, true, false]);
      assert.deepEqual((await stores.rows(store).distinct('_id')).sort(), ['a', 'b', 'c']);
    });

    difference('null-cookie', {
      original: async () => {
        const store = await stores.connected();
        assert.throws(() => store.set('sid', { cookie: null }, () => {}), TypeError);
        assert.throws(() => store.set('sid', { cookie: undefined }, () => {}), TypeError);
      },
      ours: async () => {
        assert.ok(await refused({ cookie: null }) instanceof TypeError);
        assert.match((await refused({ cookie: undefined })).message, /^Error setting sid to .*cookie.*undefined/);
      }
    });

    const manyLargeTexts = () => Object.fromEntries(
      Array.from({ length: 1800 }, (_, n) => [`key${n}`, 'x'.repeat(9990)]));

    difference('bounded-messages', {
      original: async () => {
        assert.ok((await refused(manyLargeTexts())).message.length > 17e6);
      },
      ours: async () => {
        const { message } = await refused(manyLargeTexts());
        assert.ok(message.length < 64 * 1024, `${message.length} characters`);
        assert.match(message, /^Error setting sid to \{/);
      }
    });
  });

  describe('values', () => {
    for (const nothing of [null, undefined]) {
      it(`${nothing} instead of a session is stored as an empty one`, async () => {
        assert.deepEqual((await stored(nothing)).session, {});
      });
    }

    it('of 150 levels and of 15 MB are stored', async () => {
      const session = { cookie: {}, text: 'x'.repeat(15 * 1024 * 1024), deep: {} };
      for (let level = 0, at = session.deep; level < 150; level++) {
        at = at.a = {};
      }
      const store = await stores.connected();
      await ask(store, 'set', 'sid', session);
      assert.deepEqual(await ask(store, 'get', 'sid'), session);
    });

    difference('bigint-range', {
      original: async () => {
        assert.equal((await stored({ cookie: {}, n: 2n ** 70n + 5n })).session.n, 5);
      },
      ours: async () => {
        const store = await stores.connected();
        const error = await refusal(store, 'set', 'sid', { cookie: {}, n: 2n ** 70n + 5n });
        assert.match(error.message, /a BigInt of more than 64 bits cannot be stored in MongoDB/);
        assert.equal(await ask(store, 'get', 'sid'), undefined);
      }
    });

    class ObjectIdOfVersion4 {
      get _bsontype() {
        return 'ObjectId';
      }

      get id() {
        return Buffer.alloc(12, 7);
      }

      get [Symbol.for('@@mdb.bson.version')]() {
        return 4;
      }

      toHexString() {
        return '07'.repeat(12);
      }
    }

    difference('bson-majors', {
      original: async () => {
        const store = await stores.connected();
        assert.match((await refusal(store, 'set', 'sid', { cookie: {}, user: new ObjectIdOfVersion4() })).message,
          /Unsupported BSON version/);
      },
      ours: async () => {
        const { session } = await stored({ cookie: {}, user: new ObjectIdOfVersion4() });
        assert.equal(session.user.toHexString(), '07'.repeat(12));
      }
    });
  });
});
