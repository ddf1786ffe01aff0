'use strict';

/** How long sessions live: `maxLifetime`, `expires` as a function, and who hears of one that has expired. */

const assert = require('node:assert/strict');
const { createHook } = require('node:async_hooks');
const { once } = require('node:events');
const expressSession = require('express-session');
const sinon = require('sinon');
const { assertNear, refusal, useStores } = require('../support/stores');

const HOUR_MS = 3_600_000;
const cookieFor = (ms) => ({ path: '/', expires: new Date(Date.now() + ms) });

describe('maxLifetime', () => {
  const stores = useStores();
  const rowOf = (store, id = 'a') => stores.rows(store).findOne({ _id: id });
  let clock;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  });
  afterEach(() => clock.restore());

  it('is the earlier of two dates that is stored', async () => {
    const store = await stores.connected({ maxLifetime: 2 * HOUR_MS });
    await store.set('a', { cookie: cookieFor(HOUR_MS) });
    await store.set('b', { cookie: cookieFor(9 * HOUR_MS) });
    assertNear((await rowOf(store, 'a')).expires, Date.now() + HOUR_MS);
    const { expires, endsAt } = await rowOf(store, 'b');
    assert.deepEqual(expires, endsAt);
    assertNear(endsAt, Date.now() + 2 * HOUR_MS);
  });

  it('is counted from the creation: no save and no touch moves the end, known to the process or not', async () => {
    const store = await stores.connected({ maxLifetime: 2 * HOUR_MS });
    const elsewhere = await stores.connected({ maxLifetime: 2 * HOUR_MS, collection: store.options.collection, partialUpdates: true });
    await store.set('a', { cookie: cookieFor(HOUR_MS) });
    const { endsAt } = await rowOf(store);
    clock.tick(HOUR_MS * 0.9);
    const moves = [
      () => store.touch('a', { cookie: cookieFor(9 * HOUR_MS) }),
      () => store.set('a', { cookie: cookieFor(9 * HOUR_MS) }),
      async () => elsewhere.set('a', Object.assign(await elsewhere.get('a'), { n: 1, cookie: cookieFor(9 * HOUR_MS) })),
      async () => elsewhere.touch('a', Object.assign(await elsewhere.get('a'), { cookie: cookieFor(9 * HOUR_MS) }))
    ];
    for (const move of moves) {
      await move();
      const row = await rowOf(store);
      assert.deepEqual([row.expires, row.endsAt], [endsAt, endsAt]);
    }
    assert.equal((await store.get('a')).n, 1);
    clock.tick(HOUR_MS * 1.2);
    assert.equal(await store.get('a'), undefined);
    assert.equal(await stores.rows(store).countDocuments(), 0);
  });

  it('is judged when a session is read, whatever a server without the option has stored', async () => {
    const store = await stores.connected({ maxLifetime: HOUR_MS });
    const old = await stores.connected({ collection: store.options.collection });
    for (const sid of ['a', 'b']) await store.set(sid, { cookie: {} });
    for (const sid of ['a', 'b']) await old.touch(sid, { cookie: cookieFor(9 * HOUR_MS) });
    clock.tick(HOUR_MS + 1);
    const found = [];
    for await (const one of store.find()) found.push(one);
    assert.deepEqual([await store.length(), await store.ids(), await store.all(), found], [0, [], [], []]);
    const expired = once(store, 'expire');
    assert.equal(await store.get('a'), undefined);
    assert.deepEqual(await expired, ['a']);
    assert.equal(await rowOf(store, 'a'), null);
  });

  for (const way of ['', ', and through an updateOne of the application']) {
    it(`begins, for sessions that were there before, with their next save or touch${way}`, async () => {
      const old = await stores.connected();
      for (const sid of ['a', 'b']) await old.set(sid, { cookie: cookieFor(9 * HOUR_MS) });
      const store = await stores.connected({ maxLifetime: HOUR_MS, collection: old.options.collection, timestamps: true });
      const { updateOne } = store.collection;
      if (way) store.collection.updateOne = (...args) => updateOne.apply(store.collection, args);
      assert.ok(await store.get('a'));
      await store.touch('a', { cookie: cookieFor(9 * HOUR_MS) });
      await store.set('b', { cookie: cookieFor(9 * HOUR_MS) });
      for (const sid of ['a', 'b']) {
        const row = await rowOf(store, sid);
        assertNear(row.expires, Date.now() + HOUR_MS);
        assert.equal('createdAt' in row, false);
      }
    });
  }

  it('of another length is for sessions that are created from then on', async () => {
    const store = await stores.connected({ maxLifetime: HOUR_MS });
    await store.set('a', { cookie: cookieFor(9 * HOUR_MS) });
    const { endsAt } = await rowOf(store);
    for (const maxLifetime of [HOUR_MS / 2, 3 * HOUR_MS]) {
      const other = await stores.connected({ maxLifetime, collection: store.options.collection });
      await other.touch('a', await other.get('a'));
      const { expires, endsAt: end } = await rowOf(store);
      assert.deepEqual([expires, end], [endsAt, endsAt]);
    }
  });

  it('leaves the JSON text of connect-mongo whole when it is touched, and replaces it when it is saved', async () => {
    const store = await stores.connected({ maxLifetime: HOUR_MS, partialUpdates: true });
    const text = JSON.stringify({ cookie: { path: '/' }, n: 1 });
    await stores.rows(store).insertOne({ _id: 'a', session: text, expires: new Date(Date.now() + 2 * HOUR_MS) });
    await store.touch('a', { cookie: cookieFor(9 * HOUR_MS) });
    const row = await rowOf(store);
    assert.deepEqual([row.session, row.expires], [text, row.endsAt]);
    const loaded = await store.get('a');
    await stores.rows(store).updateOne({ _id: 'a' }, { $set: { session: text } });
    await store.set('a', Object.assign(loaded, { n: 2 }));
    assert.equal((await store.get('a')).n, 2);
  });

  it('what a session holds is stored as it is, though the server could take it for an expression', async () => {
    const store = await stores.connected({ maxLifetime: HOUR_MS, partialUpdates: true, idField: 'sid', user: ({ owner }) => owner });
    const held = { '$a': '$session', list: [{ $cond: 1 }, '$$NOW'], 'dotted.key': { $literal: 1 } };
    await store.set('$sid', { cookie: { path: '$path' }, owner: '$owner', held });
    const loaded = await store.get('$sid');
    assert.deepEqual(loaded.held, held);
    await store.set('$sid', Object.assign(loaded, { more: held }));
    assert.deepEqual({ ...await store.get('$sid') }, { cookie: { path: '$path' }, owner: '$owner', held, more: held });
    assert.equal((await store.sessionsOf('$owner')).length, 1);
  });

  it('an end that is no date counts for nothing', async () => {
    const store = await stores.connected({ maxLifetime: HOUR_MS });
    await stores.rows(store).insertOne({ _id: 'a', session: {}, expires: new Date(Date.now() + HOUR_MS), endsAt: 'never' });
    await store.touch('a', { cookie: cookieFor(9 * HOUR_MS) });
    assertNear((await rowOf(store)).expires, Date.now() + HOUR_MS);
  });

  for (const keepOnRegenerate of [false, true]) {
    it(`${keepOnRegenerate ? 'is kept' : 'begins anew'} through regenerate with keepOnRegenerate: ${keepOnRegenerate}`, async () => {
      const store = await stores.connected({ maxLifetime: { ms: 2 * HOUR_MS, keepOnRegenerate } });
      store.generate = (req) => {
        req.sessionID = 'new';
        req.session = new expressSession.Session(req);
        req.session.cookie = new expressSession.Cookie({ maxAge: 9 * HOUR_MS });
      };
      await store.set('old', { cookie: cookieFor(HOUR_MS) });
      const { endsAt } = await rowOf(store, 'old');
      clock.tick(HOUR_MS / 2);
      const req = { sessionID: 'old' };
      req.session = store.createSession(req, { ...await store.get('old') });
      const given = await store.get('old');
      req.session = store.createSession(req, given);
      await new Promise((resolve, reject) => {
        store.regenerate(req, (error) => (error ? reject(error) : resolve()));
      });
      await store.set(req.sessionID, req.session);
      const row = await rowOf(store, 'new');
      assert.deepEqual(row.expires, row.endsAt);
      if (keepOnRegenerate) assert.deepEqual(row.endsAt, endsAt);
      else assertNear(row.endsAt, Date.now() + 2 * HOUR_MS);
    });
  }

  it('is milliseconds, or an object with them', () => {
    const refused = (maxLifetime, message) => assert.throws(() => stores.open({ maxLifetime }), { name: 'CastError', message });
    const accepted = 'maxLifetime: must be milliseconds, more than 0, or an object such as { ms: 43200000, keepOnRegenerate: true }; got ';
    refused(0, `${accepted}0`);
    refused('12h', `${accepted}'12h'`);
    refused(Infinity, `${accepted}Infinity`);
    refused({ keepOnRegenerate: true }, `${accepted}undefined`);
    refused({ ms: 1, keep: true }, 'maxLifetime: has no `keep`; it takes `ms` and `keepOnRegenerate`');
    refused({ ms: 1, keepOnRegenerate: 1 }, 'maxLifetime: keepOnRegenerate must be a boolean; got 1');
    assert.throws(() => stores.open({ maxLifetime: 1, expiresKey: 'endsAt' }), { name: 'TypeError', message: /expiresKey and maxLifetime \("endsAt"\)/ });
  });
});

describe('expires as a function', () => {
  const stores = useStores();
  const expires = ({ admin, odd }) => odd ?? (admin ? 60_000 : undefined);
  const expiryIn = async (store) => (await stores.rows(store).findOne()).expires;

  it('says for every save and touch how long the session lives; undefined leaves it to the cookie, or to two weeks', async () => {
    const store = await stores.connected({ expires });
    await store.set('a', { cookie: cookieFor(HOUR_MS), admin: true });
    assertNear(await expiryIn(store), Date.now() + 60_000);
    await store.touch('a', { cookie: cookieFor(HOUR_MS) });
    assertNear(await expiryIn(store), Date.now() + HOUR_MS);
    await store.touch('a', { cookie: {}, admin: true });
    assertNear(await expiryIn(store), Date.now() + 60_000);
    await store.set('a', { cookie: {} });
    assertNear(await expiryIn(store), Date.now() + 14 * 24 * HOUR_MS);
  });

  for (const [odd, got] of [[NaN, 'NaN'], [Infinity, 'Infinity'], ['soon', 'a value of type string'], [null, 'null']]) {
    it(`must give milliseconds: ${got} is an error of the operation`, async () => {
      const store = await stores.connected({ expires: () => odd });
      const message = new RegExp(`the option expires must give a finite number of milliseconds, or undefined; got ${got}$`);
      for (const method of ['set', 'touch']) assert.match((await refusal(store, method, 'a', { cookie: {} })).message, message);
      assert.equal(await store.length(), 0);
    });
  }
});

describe('expire', () => {
  const stores = useStores();
  const gone = { cookie: { expires: new Date(Date.now() - 1000) } };

  it('is emitted when get meets an expired session, with its own id, and not for one that is not there', async () => {
    for (const options of [{}, { hashIds: true }, { crypto: { secret: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] }, hashIds: true }]) {
      const store = await stores.connected(options);
      const heard = [];
      store.on('expire', (...args) => heard.push(args));
      await store.set('a', gone);
      await store.set('b', { cookie: {} });
      for (const sid of ['a', 'a', 'b', 'nobody']) await store.get(sid);
      assert.deepEqual(heard, [['a']]);
    }
  });

  it('is emitted by the store that removes what has expired', async () => {
    // 60 ms, give or take a tenth.
    const store = await stores.connected({ autoRemove: 'interval', autoRemoveInterval: 0.001 });
    const heard = [];
    const all = new Promise((resolve) => {
      store.on('expire', (sid) => {
        if (heard.push(sid) === 3) resolve();
      });
    });
    await store.set('here', { cookie: {} });
    await Promise.all(['a', 'b', 'c'].map((sid) => store.set(sid, gone)));
    await all;
    assert.deepEqual(heard.sort(), ['a', 'b', 'c']);
    assert.deepEqual(await store.ids(), ['here']);
    assert.equal(await stores.rows(store).countDocuments(), 1);
  });

  describe('of the store that removes what has expired', () => {
    /** What comes of Math.random, and how many minutes of an interval of 10 a store then waits. */
    const waits = (...chances) => {
      const timers = [];
      const hook = createHook({
        init(id, type, trigger, timer) {
          if (type === 'Timeout') timers.push(timer);
        }
      });
      // The first store of a process starts timers of its own.
      stores.open();
      hook.enable();
      for (const chance of chances) {
        const random = chance === undefined ? undefined : sinon.stub(Math, 'random').returns(chance);
        try {
          stores.open({ autoRemove: 'interval', autoRemoveInterval: 10 });
        } finally {
          random?.restore();
        }
      }
      hook.disable();
      return timers.map((timer) => timer._idleTimeout / 60_000).filter((minutes) => minutes > 5);
    };

    it('comes at moments that differ from server to server', () => {
      const waited = waits(...Array.from({ length: 20 }));
      assert.equal(waited.length, 20);
      assert.ok(new Set(waited).size > 10, String(waited));
    });

    it('comes up to a tenth of the interval earlier or later', () => {
      const waited = waits(0, 0.5, 1 - 2 ** -53);
      assert.deepEqual(waited.map((minutes) => Math.round(minutes * 1000) / 1000), [9, 10, 11]);
    });
  });
});
