'use strict';

/** Runs the examples of docs/users.md: an application's routes are called as Express would, with requests made up here. */

const assert = require('node:assert/strict');
const vm = require('node:vm');
const { ROOT } = require('../../support/impl');
const { Page } = require('../../support/markdown');
const { useStores } = require('../../support/stores');

const page = new Page('docs/users.md');
const MongoDBStore = require(ROOT)(require('express-session'));
const HOUR_MS = 3_600_000;

describe('docs/users.md', () => {
  const stores = useStores();
  let serial = 0;
  let store;
  let printed;
  let routes;

  const run = (text, more = {}) => vm.runInNewContext(page.block(text), {
    MongoDBStore, uri: stores.uri, require, store, Date, app: router(), console: { log: (...words) => printed.push(words) }, ...more
  });
  const opened = (text) => vm.runInNewContext(`${page.block(text)}; store;`, {
    MongoDBStore: function Named(options) { return new MongoDBStore({ ...options, collection: `users${++serial}` }); }, uri: stores.uri
  });
  const router = () => {
    const route = (path, handler) => routes.set(path, handler);
    return { get: route, post: route };
  };
  const session = (user, browser) => ({ cookie: {}, browser, ...(user && { passport: { user } }) });

  /** What a route answers to a request of the session that is stored under an id. */
  async function answer(path, sessionID, params) {
    let sent;
    const res = { json: (body) => (sent = body), sendStatus: (code) => (sent = code) };
    await routes.get(path)({ session: await store.get(sessionID), sessionID, params }, res);
    return sent;
  }

  beforeEach(async () => {
    routes = new Map();
    printed = [];
    store = stores.track(opened('maxSessionsPerUser: 5'));
    for (const [id, browser] of [['a', 'Firefox'], ['b', 'Safari'], ['c', 'Lynx']]) await store.set(id, session('ada', browser));
    await store.set('d', session('bob', 'Edge'));
  });

  it('a user sees where she is logged in, and ends one of it, and nobody else\'s', async () => {
    run("app.get('/devices'");
    const devices = await answer('/devices', 'a');
    assert.deepEqual(devices.map(({ browser }) => browser).sort(), ['Firefox', 'Lynx', 'Safari']);
    assert.deepEqual(devices.filter(({ isThisOne }) => isThisOne).map(({ browser }) => browser), ['Firefox']);
    assert.ok(devices.every(({ lastUse }) => lastUse.getTime() > Date.now() - HOUR_MS));
    const { id } = devices.find(({ browser }) => browser === 'Safari');
    assert.equal(await answer('/devices/:device/end', 'd', { device: id }), 404);
    assert.equal(await answer('/devices/:device/end', 'a', { device: id }), 204);
    assert.deepEqual((await store.ids()).sort(), ['a', 'c', 'd']);
  });

  it('a user logs out everywhere but here', async () => {
    run("app.post('/logout-others'");
    assert.equal((await answer('/logout-others', 'a')).ended, 2);
    assert.deepEqual((await store.ids()).sort(), ['a', 'd']);
  });

  it('a sixth login ends the oldest, and after twelve hours everything is over', async () => {
    for (const id of ['e', 'f', 'g']) await store.set(id, session('ada'));
    assert.deepEqual((await store.ids()).sort(), ['b', 'c', 'd', 'e', 'f', 'g']);
    const { endsAt, createdAt } = await stores.rows(store).findOne();
    assert.ok(Math.abs(endsAt - createdAt - 12 * HOUR_MS) < 60_000);
  });

  it('a session that regenerate makes keeps its end', () => {
    const { options } = stores.track(opened('keepOnRegenerate'));
    assert.deepEqual({ ...options.maxLifetime }, { ms: 12 * HOUR_MS, keepOnRegenerate: true });
  });

  it('a function says how long sessions live', async () => {
    const timed = stores.track(opened('isAdmin'));
    for (const [id, isAdmin, ms] of [['a', true, HOUR_MS / 4], ['b', false, 14 * 24 * HOUR_MS]]) {
      await timed.set(id, { cookie: {}, isAdmin });
      const { expires } = await stores.rows(timed).findOne({ _id: id });
      assert.ok(Math.abs(expires - Date.now() - ms) < 60_000);
    }
  });

  it('sessions are found one after another', async () => {
    await stores.rows(store).updateMany({ _id: { $in: ['b', 'c'] } }, { $set: { createdAt: new Date(Date.now() - 31 * 24 * HOUR_MS) } });
    await vm.runInNewContext(`(async () => { ${page.block('for await')} })()`, { store, Date, console: { log: (...words) => printed.push(words) } });
    assert.deepEqual(printed.sort(), [['b', 'Safari'], ['c', 'Lynx']]);
  });

  it('sessions that are there already get their user', async () => {
    const before = stores.track(new MongoDBStore({ uri: stores.uri, collection: store.options.collection }));
    await stores.rows(store).deleteMany({});
    await before.set('a', session('ada'));
    await before.set('b', session());
    assert.deepEqual(await store.sessionsOf('ada'), []);
    await run('db.sessions.updateMany', { db: { sessions: stores.rows(store) } });
    assert.deepEqual((await store.sessionsOf('ada')).map(({ id }) => id), ['a']);
    assert.equal('user' in await stores.rows(store).findOne({ _id: 'b' }), false);
  });
});
