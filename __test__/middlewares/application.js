'use strict';

/** One small application, on whichever middleware keeps its sessions, and what is expected of it there. */

const assert = require('node:assert/strict');
const { EventEmitter, once } = require('node:events');
const { assertNear, useStores } = require('../support/stores');
const promises = require('./promises');

/** How long sessions live here, in ms. */
const MAX_AGE = 3_600_000;
const SINCE = new Date('2024-02-29T12:00:00Z');

/**
 * What a middleware does for the application.
 *
 * @typedef {object} Session of one request
 * @property {function(string): *} get
 * @property {function(string, *): void} set
 * @property {function(): Promise<void>} destroy logs out
 */

/** A request that is slow: it waits where it `reached` something until it is let go `on`. */
class Steps extends EventEmitter {
  async stop() {
    const on = once(this, 'on');
    this.emit('reached');
    await on;
  }
}

/**
 * The application: answers a request.
 *
 * @param {string} path
 * @param {Session} session
 * @param {Steps} steps
 * @returns {Promise<object>} to be sent as JSON
 */
async function answer(path, session, steps) {
  const [, action, ...rest] = path.split('/');
  if (action === 'login') {
    session.set('user', { name: 'ada', since: SINCE });
    session.set('cart', []);
  }
  if (action === 'slow') await steps.stop();
  if (action === 'slow' || action === 'set') session.set(...rest);
  if (action === 'logout') {
    await session.destroy();
    return {};
  }
  return { user: session.get('user')?.name ?? null, theme: session.get('theme') ?? null, lang: session.get('lang') ?? null };
}

const STRANGER = { user: null, theme: null, lang: null };

/**
 * @typedef {object} Middleware
 * @property {function(Stores, object): object} store opens one for the middleware, with options
 * @property {function(object, function(string, Session): Promise<object>): Promise<{browser: function(): Browser, close: function(): Promise<void>}>} serve
 * @property {function(object): *} [sessionOf] the session in what is stored of it
 */

/**
 * Defines the tests.
 *
 * @param {string} name of the middleware, in `promises.js`
 * @param {Middleware} middleware
 */
function itKeepsSessions(name, { store: open, serve, sessionOf = (stored) => stored }) {
  describe(name, () => {
    const stores = useStores();
    const steps = new Steps();
    const sites = [];

    afterEach('close the applications', async () => {
      await Promise.all(sites.splice(0).map((site) => site.close()));
    });

    async function start(options) {
      const store = stores.track(open(stores, options));
      await store.initialConnectionPromise;
      const site = await serve(store, (path, session) => answer(path, session, steps));
      sites.push(site);
      return { store, site, row: () => stores.rows(store).findOne() };
    }

    async function get(visitor, path) {
      const { status, text } = await visitor.get(path);
      assert.equal(status, 200, text);
      return JSON.parse(text);
    }

    /** Sends a request, and another when it is half done. */
    async function meanwhile(visitor, slow, other) {
      const reached = once(steps, 'reached');
      const pending = get(visitor, slow);
      await reached;
      const second = visitor.at(visitor.base);
      await get(second, other);
      steps.emit('on');
      await pending;
      return second;
    }

    it('keeps a session, with its types, over a restart', async () => {
      const first = await start({ collection: 'restarted' });
      const visitor = first.site.browser();
      assert.deepEqual(await get(visitor, '/'), STRANGER);
      await get(visitor, '/login');
      assert.deepEqual(sessionOf((await first.row()).session).user, { name: 'ada', since: SINCE });
      const second = await start({ collection: 'restarted' });
      const returned = visitor.at(second.site.browser().base);
      assert.deepEqual(await get(returned, '/set/theme/dark'), { user: 'ada', theme: 'dark', lang: null });
      assert.deepEqual(await get(visitor, '/'), { user: 'ada', theme: 'dark', lang: null });
    });

    it('expires with its cookie', async () => {
      const { site, row } = await start();
      await get(site.browser(), '/login');
      assertNear((await row()).expires, Date.now() + MAX_AGE, 30_000);
    });

    it('is gone after a logout', async () => {
      const { site, store } = await start();
      const visitor = site.browser();
      await get(visitor, '/login');
      const before = visitor.at(visitor.base);
      await get(visitor, '/logout');
      assert.deepEqual(await get(before, '/'), STRANGER);
      assert.equal(await stores.rows(store).countDocuments({ 'session.user': { $exists: true } }), 0);
    });

    if (promises[name].preventResurrection) {
      it('preventResurrection: a logout during a slow request stays a logout', async () => {
        const { site, row } = await start({ preventResurrection: true });
        const visitor = site.browser();
        await get(visitor, '/login');
        const { _id } = await row();
        const before = visitor.at(visitor.base);
        await meanwhile(visitor, '/slow/theme/dark', '/logout');
        assert.notEqual((await row())?._id, _id);
        assert.deepEqual(await get(before, '/'), STRANGER);
      });
    }

    if (promises[name].partialUpdates) {
      it('partialUpdates: requests at the same time keep what the other one changed', async () => {
        const { site } = await start({ partialUpdates: true });
        const visitor = site.browser();
        await get(visitor, '/login');
        const other = await meanwhile(visitor, '/slow/theme/dark', '/set/lang/fr');
        assert.deepEqual(await get(other, '/'), { user: 'ada', theme: 'dark', lang: 'fr' });
      });
    }

    if (promises[name].touchAfter) {
      it('touchAfter: a request that changes nothing renews the session only after that time', async () => {
        for (const [touchAfter, renewed] of [[0, true], [600, false], [1e-3, true]]) {
          const { site, row } = await start({ touchAfter });
          const visitor = site.browser();
          await get(visitor, '/login');
          const { expires } = await row();
          // Time goes on.
          for (const until = Date.now() + 2; Date.now() < until;) await new Promise(setImmediate);
          await get(visitor, '/');
          assert.equal((await row()).expires > expires, renewed, `touchAfter ${touchAfter}`);
          await get(visitor, '/set/lang/fr');
          assert.equal((await get(visitor, '/')).lang, 'fr');
          assert.ok((await row()).expires > expires);
        }
      });
    }
  });
}

module.exports = { MAX_AGE, itKeepsSessions };
