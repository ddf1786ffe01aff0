'use strict';

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const impl = require('../support/impl');
const { useStores, call, ask, assertNear } = require('../support/stores');
const { difference } = require('./differences');

const HOUR = 60 * 60 * 1000;
const TWO_WEEKS = 14 * 24 * HOUR;

describe(`touch [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();
  const soon = () => new Date(Date.now() + 60 * 1000);
  const later = () => new Date(Date.now() + 10 * HOUR);

  async function holding(session, options) {
    const store = await stores.connected(options);
    await ask(store, 'set', 'sid', session);
    return store;
  }

  const row = store => stores.rows(store).findOne({ [store.options.idField]: 'sid' });

  difference('touch', {
    original: async () => assert.equal((await stores.connected()).touch, undefined),
    ours: async () => {
      const store = await holding({ cookie: { expires: soon(), path: '/' }, user: 'ada' });
      const cookie = { expires: later(), path: '/' };
      const { args, sync, returned } = await call(store, 'touch', 'sid', { cookie, user: 'ada' });
      assert.deepEqual(args, []);
      assert.equal(sync, false);
      assert.equal(returned, undefined);
      assert.deepEqual(await row(store), { _id: 'sid', session: { cookie, user: 'ada' }, expires: cookie.expires });
    }
  });

  difference('touch', {
    aspect: 'never the data',
    ours: async () => {
      const store = await holding({ cookie: { expires: soon() }, cart: ['tea'] });
      await ask(store, 'touch', 'sid', { cookie: { expires: later() }, cart: [], extra: 1 });
      assert.deepEqual((await row(store)).session.cart, ['tea']);
      assert.equal('extra' in (await row(store)).session, false);
    }
  });

  difference('touch', {
    aspect: 'a session that is not there is no error and is not created',
    ours: async () => {
      const store = await stores.connected();
      assert.deepEqual((await call(store, 'touch', 'sid', { cookie: { expires: later() } })).args, []);
      assert.equal(await stores.rows(store).countDocuments(), 0);
    }
  });

  difference('touch', {
    aspect: 'the cookie of express-session, by its toJSON',
    ours: async () => {
      const store = await holding({ cookie: new expressSession.Cookie({ maxAge: 60 * 1000 }) });
      const cookie = new expressSession.Cookie({ maxAge: HOUR });
      await ask(store, 'touch', 'sid', { cookie });
      const { session, expires } = await row(store);
      assert.deepEqual(expires, cookie.expires);
      assert.equal(session.cookie.originalMaxAge, cookie.originalMaxAge);
      assert.equal('_expires' in session.cookie, false);
    }
  });

  difference('touch', {
    aspect: 'without cookie.expires it lives for the `expires` option again',
    ours: async () => {
      const store = await holding({ cookie: { expires: soon() } });
      await ask(store, 'touch', 'sid', { cookie: { expires: null } });
      assertNear((await row(store)).expires, Date.now() + TWO_WEEKS);
    }
  });

  difference('touch', {
    aspect: 'by idField and expiresKey',
    ours: async () => {
      const store = await holding({ cookie: { expires: soon() }, n: 1 },
        { idField: 'sessionId', expiresKey: 'validUntil' });
      const expires = later();
      await ask(store, 'touch', 'sid', { cookie: { expires } });
      const { _id, ...rest } = await row(store);
      assert.ok(_id);
      assert.deepEqual(rest, { sessionId: 'sid', session: { cookie: { expires }, n: 1 }, validUntil: expires });
    }
  });

  difference('touch', {
    aspect: 'a session of connect-mongo, stored as JSON text, keeps its data',
    ours: async () => {
      const store = await stores.connected();
      const text = JSON.stringify({ cookie: { expires: soon().toISOString() }, user: 'ada' });
      await stores.rows(store).insertOne({ _id: 'sid', session: text, expires: soon() });
      const expires = later();
      await ask(store, 'touch', 'sid', { cookie: { expires }, user: 'ada' });
      assert.deepEqual((await row(store)).expires, expires);
      assert.equal((await ask(store, 'get', 'sid')).user, 'ada');
    }
  });

  difference('touch', {
    aspect: 'a touch never brings a destroyed session back',
    ours: async () => {
      const store = await holding({ cookie: {} });
      await Promise.all([ask(store, 'destroy', 'sid'), ask(store, 'touch', 'sid', { cookie: { expires: later() } })]);
      assert.equal(await row(store), null);
    }
  });

  difference('touch', {
    aspect: 'many at once',
    ours: async () => {
      const store = await stores.connected();
      const ids = Array.from({ length: 50 }, (_, n) => `s${n}`);
      await Promise.all(ids.map(sid => ask(store, 'set', sid, { cookie: { expires: soon() }, sid })));
      const expires = later();
      await Promise.all(ids.map(sid => ask(store, 'touch', sid, { cookie: { expires } })));
      assert.equal(await stores.rows(store).countDocuments({ expires }), ids.length);
      assert.equal((await ask(store, 'get', 's7')).sid, 's7');
    }
  });
});
