'use strict';

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const { EXPRESS, HOUR, Sites, sessionApp } = require('../express/apps');
const { ask, assertNear, call, useStores } = require('../support/stores');
const { profile } = require('./commands');

const TOUCH_AFTER = 60;

describe('touchAfter', function() {
  const stores = useStores();
  const sites = new Sites();
  let server;
  before(async () => {
    server = await profile(stores.witness, stores.databaseName);
  });
  afterEach(() => sites.closeAll());

  const lasting = (ms, more) => ({ cookie: { originalMaxAge: HOUR, expires: new Date(Date.now() + ms), path: '/', ...more }, user: 'ada' });
  const row = (store, sid) => stores.rows(store).findOne({ _id: sid });

  /** A session that `get` has just given, and the store it came from. */
  async function loaded(options) {
    const store = await stores.connected({ touchAfter: TOUCH_AFTER, ...options });
    await ask(store, 'set', 'sid', lasting(HOUR));
    return { store, session: await ask(store, 'get', 'sid') };
  }

  /** Touches the session, with its cookie changed; how many updates the server was sent. */
  async function touches(store, session, cookie) {
    Object.assign(session.cookie, cookie);
    const before = (await server.updates(store.options.collection, 'sid')).length;
    const { args, sync } = await call(store, 'touch', 'sid', session);
    assert.deepEqual([args, sync], [[], false]);
    return (await server.updates(store.options.collection, 'sid')).length - before;
  }

  const from = (session, ms) => ({ expires: new Date(session.cookie.expires.getTime() + ms) });

  it('skips a touch that would move the expiry by less, without a round trip', async () => {
    const { store, session } = await loaded();
    const { expires } = await row(store, 'sid');
    assert.equal(await touches(store, session, from(session, TOUCH_AFTER * 1000 - 1)), 0);
    assert.deepEqual((await row(store, 'sid')).expires, expires);
  });

  it('sends a touch that moves the expiry by that much, and counts from there', async () => {
    const { store, session } = await loaded();
    assert.equal(await touches(store, session, from(session, TOUCH_AFTER * 1000)), 1);
    assert.deepEqual((await row(store, 'sid')).expires, session.cookie.expires);
    assert.equal(await touches(store, session, from(session, 1000)), 0);
  });

  it('counts from the last save', async () => {
    const { store, session } = await loaded();
    Object.assign(session.cookie, from(session, 10 * TOUCH_AFTER * 1000));
    await ask(store, 'set', 'sid', session);
    assert.equal(await touches(store, session, from(session, 1000)), 0);
  });

  it('never skips a touch that shortens the session or changes its cookie', async () => {
    const { store, session } = await loaded();
    assert.equal(await touches(store, session, from(session, -1)), 1);
    assert.equal(await touches(store, session, { sameSite: 'lax' }), 1);
    assert.deepEqual((await row(store, 'sid')).session.cookie.sameSite, 'lax');
    assert.equal(await touches(store, session, { originalMaxAge: HOUR + 5000 }), 1);
    assert.equal(await touches(store, session, {}), 0);
  });

  it('never skips a touch that makes the cookie one until the browser is closed', async () => {
    const { store, session } = await loaded({ expires: HOUR + 30_000 });
    assert.equal(await touches(store, session, { expires: null }), 1);
    assert.equal((await row(store, 'sid')).session.cookie.expires, null);
    assert.equal(await touches(store, session, { expires: new Date(Date.now() + HOUR + 50_000) }), 1);
  });

  it('sends a touch whose session was not loaded here', async () => {
    const { store } = await loaded();
    assert.equal(await touches(store, lasting(HOUR + 1000), {}), 1);
  });

  it('sends the next touch when one has failed', async () => {
    const { store, session } = await loaded();
    await store.client.close();
    Object.assign(session.cookie, from(session, TOUCH_AFTER * 1000));
    assert.ok((await call(store, 'touch', 'sid', session)).error);
    await store.client.connect();
    assert.equal(await touches(store, session, {}), 1);
  });

  it('works with another expiresKey', async () => {
    const { store, session } = await loaded({ expiresKey: 'validUntil' });
    assert.equal(await touches(store, session, from(session, 1000)), 0);
  });

  it('changes neither the stored document nor what the application sees', async () => {
    const { store, session } = await loaded();
    assert.deepEqual(Object.keys(await row(store, 'sid')).sort(), ['_id', 'expires', 'session']);
    assert.deepEqual(Reflect.ownKeys(session), ['cookie', 'user']);
  });

  it('is off by default: every touch is sent', async () => {
    const { store, session } = await loaded({ touchAfter: undefined });
    assert.equal(await touches(store, session, from(session, 1)), 1);
  });

  it('Infinity is forever: only what shortens a life or changes the cookie is sent', async () => {
    const { store, session } = await loaded({ touchAfter: Infinity });
    assert.equal(await touches(store, session, from(session, 1e12)), 0);
    assert.equal(await touches(store, session, from(session, -2e12)), 1);
  });

  it('is a number of seconds, 0 or more', () => {
    for (const [touchAfter, message] of [[-1, 'touchAfter: Could not cast "-1" to a number of seconds, 0 or more'],
      ['soon', 'touchAfter: Could not cast "\'soon\'" to number'], [-Infinity, 'touchAfter: Could not cast "-Infinity" to number']]) {
      assert.throws(() => stores.open({ touchAfter }), { name: 'CastError', message });
    }
  });

  for (const [name, express] of Object.entries(EXPRESS)) {
    it(`requests that only read do not write until it is time (${name})`, async () => {
      const store = await stores.connected({ touchAfter: TOUCH_AFTER });
      const site = await sites.serve(sessionApp(express, store));
      const browser = site.browser();
      await browser.get('/view');
      const sid = browser.sessionId();
      const updates = async () => (await server.updates(store.options.collection, sid)).length;
      assert.equal(await updates(), 1);
      for (let i = 0; i < 5; i++) await browser.get('/');
      assert.equal(await updates(), 1);
      const early = new Date(Date.now() + HOUR - 2 * TOUCH_AFTER * 1000);
      await stores.rows(store).updateOne({ _id: sid }, { $set: { expires: early } });
      await browser.get('/');
      assertNear((await row(store, sid)).expires, Date.now() + HOUR);
    });
  }

  it('the session object of express-session has nothing added', async () => {
    const { store } = await loaded();
    const req = { sessionID: 'sid', sessionStore: store };
    const session = store.createSession(req, await ask(store, 'get', 'sid'));
    assert.ok(session instanceof expressSession.Session);
    assert.equal(req.session, session);
    assert.deepEqual(Reflect.ownKeys(session).filter((key) => typeof key === 'symbol'), []);
  });
});
