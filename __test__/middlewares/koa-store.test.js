'use strict';

/** The store of `connect-mongodb-session/koa`, called as Koa's middlewares call it. */

const assert = require('node:assert/strict');
const { once } = require('node:events');
const Koa = require('koa');
const { createSession } = require('koa-session');
const genericSession = require('koa-generic-session');
const koaStore = require('../../lib/entries/koa');
const { Browser, serve } = require('../support/http');
const { assertNear, useStores } = require('../support/stores');

describe('the store for Koa', () => {
  const stores = useStores();
  let serial = 0;

  function open(options) {
    return stores.track(koaStore({ uri: stores.uri, collection: `koa_store${++serial}`, ...options }));
  }

  const expiry = async (store, _id) => (await stores.rows(store).findOne({ _id })).expires;

  it('is made with and without new, and tells when it is connected', async () => {
    await new Promise((resolve, reject) => {
      stores.track(new koaStore({ uri: stores.uri, collection: 'made' }, (error) => (error ? reject(error) : resolve())));
    });
    const store = open();
    assert.ok(store instanceof koaStore);
    await once(store, 'connected');
    assert.equal(await store.initialConnectionPromise, store.client);
  });

  it('promises: a session, undefined for none, and errors', async () => {
    const store = open();
    const session = { user: 'ada', since: new Date(0) };
    assert.equal(await store.set('a', session, 60_000), undefined);
    assert.deepEqual(await store.get('a', 60_000, { rolling: false }), session);
    assert.equal(await store.get('none'), undefined);
    assert.equal(await store.destroy('a', { ctx: {} }), undefined);
    assert.equal(await store.get('a'), undefined);
    for (const refused of [() => store.get({ $ne: null }), () => store.set(7, {}, 1), () => store.destroy(null)]) {
      await assert.rejects(refused, /the session id must be a string/);
    }
  });

  it('a session expires after the time that the middleware gives, else by its cookie, else after the option expires', async () => {
    const store = open({ expires: 7_200_000 });
    const cookie = { expires: new Date(Date.now() + 5_400_000) };
    await store.set('given', { cookie }, 3_600_000);
    assertNear(await expiry(store, 'given'), Date.now() + 3_600_000);
    for (const [id, maxAge] of [['session', 'session'], ['none', undefined], ['no number', NaN]]) {
      await store.set(id, {}, maxAge);
      assertNear(await expiry(store, id), Date.now() + 7_200_000);
      await store.set(id, { cookie }, maxAge);
      assert.deepEqual(await expiry(store, id), cookie.expires);
    }
    await store.set('over', {}, -1);
    assert.equal(await store.get('over'), undefined);
  });

  async function start(use) {
    const app = new Koa();
    app.silent = true;
    app.keys = ['secret'];
    use(app);
    app.use((ctx) => {
      ctx.session.views = (ctx.session.views ?? 0) + 1;
      ctx.body = { views: ctx.session.views };
    });
    const site = await serve(app.callback());
    return { site, views: async (visitor) => (await visitor.get('/')).json().views };
  }

  it('koa-session: maxAge \'session\' is kept for the option expires, a number for that time and ten seconds', async () => {
    for (const [maxAge, lifetime] of [['session', 7_200_000], [60_000, 70_000]]) {
      const store = open({ expires: 7_200_000 });
      const { site, views } = await start((app) => app.use(createSession({ store, maxAge }, app)));
      try {
        const visitor = site.browser();
        assert.deepEqual([await views(visitor), await views(visitor)], [1, 2]);
        assertNear((await stores.rows(store).findOne()).expires, Date.now() + lifetime);
      } finally {
        await site.close();
      }
    }
  });

  it('koa-generic-session: ttl goes before the cookie', async () => {
    const store = open();
    const { site, views } = await start((app) => app.use(genericSession({ store, ttl: 60_000, cookie: { maxAge: 3_600_000 } })));
    try {
      const visitor = site.browser();
      assert.deepEqual([await views(visitor), await views(visitor)], [1, 2]);
      assertNear((await stores.rows(store).findOne()).expires, Date.now() + 60_000);
    } finally {
      await site.close();
    }
  });

  it('a request is told when its session cannot be read or stored', async () => {
    const store = open();
    store.on('error', () => {});
    const sites = [
      await start((app) => app.use(createSession({ store }, app))),
      await start((app) => app.use(genericSession({ store })))
    ];
    await store.initialConnectionPromise;
    await store.close();
    for (const { site } of sites) {
      const { status } = await new Browser(site.url).get('/');
      assert.equal(status, 500);
      await site.close();
    }
  });
});
