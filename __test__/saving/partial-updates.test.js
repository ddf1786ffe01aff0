'use strict';

const assert = require('node:assert/strict');
const bson = require('bson');
const { EXPRESS, HOUR, Sites } = require('../express/apps');
const expressSession = require('express-session');
const { ask, assertNear, call, useStores } = require('../support/stores');
const { profile } = require('./commands');

for (const more of [{}, { batching: false }, { idField: 'sid', expiresKey: 'until' }]) {
  describe(`partialUpdates ${JSON.stringify(more)}`, function() {
    const stores = useStores();
    const sites = new Sites();
    afterEach(() => sites.closeAll());
    const open = (options) => stores.connected({ partialUpdates: true, ...more, ...options });
    const query = (store) => ({ [store.options.idField]: 'sid' });
    const stored = async (store) => (await stores.rows(store).findOne(query(store)))?.session;
    const theirs = (store, update) => stores.rows(store).updateOne(query(store), update);

    /** A session that was loaded, before another request changes the key `other`. */
    async function loaded(session = {}, options = {}) {
      const store = await open(options);
      await ask(store, 'set', 'sid', { cookie: { path: '/' }, other: 0, ...session });
      const mine = await ask(store, 'get', 'sid');
      await theirs(store, { $set: { 'session.other': 1 } });
      return { store, mine };
    }

    it('a save writes what changed, and leaves what another request changed', async () => {
      const { store, mine } = await loaded({ a: 1, gone: 1, same: { deep: [1, 2] } });
      mine.a = 2;
      mine.added = { x: [1] };
      delete mine.gone;
      assert.deepEqual((await call(store, 'set', 'sid', mine)).args, []);
      assert.deepEqual(await stored(store), { cookie: { path: '/' }, other: 1, a: 2, added: { x: [1] }, same: { deep: [1, 2] } });
    });

    it('a save without changes moves the expiry', async () => {
      const { store, mine } = await loaded();
      await theirs(store, { $set: { [store.options.expiresKey]: new Date(Date.now() + 5000) } });
      await ask(store, 'set', 'sid', mine);
      assert.equal((await stored(store)).other, 1);
      assertNear((await stores.rows(store).findOne(query(store)))[store.options.expiresKey], Date.now() + 14 * 24 * HOUR);
    });

    it('saves of a new session that do not wait for each other end as the last one says', async () => {
      const store = await open();
      const mine = { cookie: { path: '/' }, step: 1 };
      const first = ask(store, 'set', 'sid', mine);
      // Two saves in one tick would be one.
      await new Promise(setImmediate);
      mine.step = 2;
      const second = ask(store, 'set', 'sid', mine);
      await first;
      mine.step = 1;
      await Promise.all([second, ask(store, 'set', 'sid', mine)]);
      assert.deepEqual(await stored(store), { cookie: { path: '/' }, step: 1 });
    });

    it('a change inside of a key writes that key', async () => {
      const { store, mine } = await loaded({ cart: { tea: 1 } });
      mine.cart.milk = { when: new Date(5) };
      await ask(store, 'set', 'sid', mine);
      assert.deepEqual(await stored(store), { cookie: { path: '/' }, other: 1, cart: { tea: 1, milk: { when: new Date(5) } } });
    });

    it('values of every kind that did not change are not written, and changes of kind are', async () => {
      const values = {
        text: 'é', long: bson.Long.fromNumber(5), big: 2 ** 40, double: 1.5, no: null, nothing: undefined, yes: true,
        date: new Date(7), bytes: Buffer.from('x'), id: new bson.ObjectId(), decimal: bson.Decimal128.fromString('1.0'),
        pattern: /x/gi, list: [1, [2]], min: new bson.MinKey(), time: new bson.Timestamp({ t: 1, i: 2 }), code: new bson.Code('x', { a: 1 })
      };
      const { store, mine } = await loaded(values);
      for (const key of Object.keys(values)) await theirs(store, { $set: { [`session.${key}`]: 'theirs' } });
      mine.cookie = { path: '/mine' };
      await ask(store, 'set', 'sid', mine);
      const now = await stored(store);
      for (const key of Object.keys(values)) assert.equal(now[key], 'theirs', key);
      assert.deepEqual(now.cookie, { path: '/mine' });
      mine.date = new Date(8);
      mine.double = new bson.Double(2);
      await ask(store, 'set', 'sid', mine);
      const later = await stored(store);
      assert.deepEqual([later.date, later.double, later.text], [new Date(8), 2, 'theirs']);
    });

    for (const key of ['a.b', '$a', '']) {
      it(`a changed key that cannot be addressed is written with the whole session: ${JSON.stringify(key)}`, async () => {
        const { store, mine } = await loaded();
        mine[key] = 1;
        await ask(store, 'set', 'sid', mine);
        assert.deepEqual(await stored(store), { cookie: { path: '/' }, other: 0, [key]: 1 });
        await theirs(store, { $set: { 'session.other': 2 } });
        mine.mine = 1;
        await ask(store, 'set', 'sid', mine);
        assert.deepEqual(await stored(store), { cookie: { path: '/' }, other: 2, [key]: 1, mine: 1 });
      });
    }

    for (const key of ['__proto__', '0', 'é', 'constructor', 'a b']) {
      it(`an unusual key is written alone: ${key}`, async () => {
        const { store, mine } = await loaded();
        Object.defineProperty(mine, key, { value: 'x', enumerable: true, configurable: true, writable: true });
        await ask(store, 'set', 'sid', mine);
        const now = await stored(store);
        assert.deepEqual([Object.getOwnPropertyDescriptor(now, key)?.value, now.other], ['x', 1]);
      });
    }

    it('a session that is gone is stored whole, before what is called later', async () => {
      const { store, mine } = await loaded({ a: 1 });
      await stores.rows(store).deleteMany({});
      mine.a = 2;
      await ask(store, 'set', 'sid', mine);
      assert.deepEqual(await stored(store), { cookie: { path: '/' }, other: 0, a: 2 });
      await stores.rows(store).deleteMany({});
      mine.a = 3;
      await Promise.all([ask(store, 'set', 'sid', mine), ask(store, 'destroy', 'sid')]);
      assert.equal(await stored(store), undefined);
    });

    it('sessions that are gone among many that are not are stored whole', async () => {
      const store = await open();
      const ids = Array.from({ length: 40 }, (_, n) => `s${n}`);
      const sessions = ids.map((id) => ({ cookie: {}, id, other: 0 }));
      await Promise.all(ids.map((id, n) => ask(store, 'set', id, sessions[n])));
      await stores.rows(store).updateMany({}, { $set: { 'session.other': 1 } });
      const gone = ids.filter((_, n) => n % 7 === 0);
      await stores.rows(store).deleteMany({ [store.options.idField]: { $in: gone } });
      for (const session of sessions) session.mine = 1;
      await Promise.all(ids.map((id, n) => ask(store, 'set', id, sessions[n])));
      for (const id of ids) {
        assert.deepEqual(await ask(store, 'get', id), { cookie: {}, id, other: gone.includes(id) ? 0 : 1, mine: 1 });
      }
    });

    it('a session that has become JSON text is stored whole', async () => {
      const { store, mine } = await loaded();
      await theirs(store, { $set: { session: '{"cookie":{}}' } });
      mine.a = 1;
      await ask(store, 'set', 'sid', mine);
      assert.deepEqual(await stored(store), { cookie: { path: '/' }, other: 0, a: 1 });
    });

    it('a session of connect-mongo, JSON text, is stored as a document by its first save', async () => {
      const store = await open();
      await stores.rows(store).insertOne({ ...query(store), session: '{"cookie":{},"a":1}' });
      const mine = await ask(store, 'get', 'sid');
      mine.b = 2;
      await ask(store, 'set', 'sid', mine);
      assert.deepEqual(await stored(store), { cookie: {}, a: 1, b: 2 });
    });

    it('later saves start from the last one', async () => {
      const { store, mine } = await loaded();
      mine.a = 1;
      await ask(store, 'set', 'sid', mine);
      await theirs(store, { $set: { 'session.a': 'theirs' } });
      mine.b = 2;
      await ask(store, 'set', 'sid', mine);
      assert.deepEqual(await stored(store), { cookie: { path: '/' }, other: 1, a: 'theirs', b: 2 });
    });

    it('saves of one object that do not wait for each other end as the last of them', async () => {
      const { store, mine } = await loaded({ a: 0 });
      const saves = [1, 0, 2, 0].map((a) => {
        mine.a = a;
        if (a) mine.extra = a;
        else delete mine.extra;
        return ask(store, 'set', 'sid', mine);
      });
      await Promise.all(saves);
      assert.deepEqual(await stored(store), { cookie: { path: '/' }, other: 1, a: 0 });
    });

    it('after a failed save the next one writes its keys again', async () => {
      const { store, mine } = await loaded({ a: 0 });
      mine.a = 1;
      mine.b = 1;
      await store.client.close();
      assert.ok((await call(store, 'set', 'sid', mine)).error);
      await store.client.connect();
      // It may have been stored, whatever the error says.
      await theirs(store, { $set: { 'session.a': 1, 'session.b': 1 } });
      mine.a = 0;
      delete mine.b;
      await ask(store, 'set', 'sid', mine);
      assert.deepEqual(await stored(store), { cookie: { path: '/' }, other: 1, a: 0 });
    });

    it('with a method in the place of collection.findOne', async () => {
      const store = await open();
      await ask(store, 'set', 'sid', { cookie: {}, other: 0 });
      const { findOne } = store.collection;
      store.collection.findOne = (...args) => findOne.apply(store.collection, args);
      const mine = await ask(store, 'get', 'sid');
      await theirs(store, { $set: { 'session.other': 1 } });
      mine.a = 1;
      await ask(store, 'set', 'sid', mine);
      assert.deepEqual(await stored(store), { cookie: {}, other: 1, a: 1 });
    });

    it('a session over 16 MB is an error, and nothing is stored', async () => {
      const { store, mine } = await loaded({ half: 'x'.repeat(9e6) });
      mine.more = 'x'.repeat(9e6);
      assert.match((await call(store, 'set', 'sid', mine)).error.message, /^Error setting sid to /);
      assert.equal('more' in await stored(store), false);
      assert.equal(await ask(store, 'length'), 1);
    });

    for (const [name, express] of Object.entries(EXPRESS)) {
      it(`two requests at once that change different keys keep each other's work (${name})`, async () => {
        const store = await open();
        const app = express();
        const waiting = [];
        app.use(expressSession({ secret: 's', store, resave: false, saveUninitialized: true, cookie: { maxAge: HOUR } }));
        app.get('/', (req, res) => res.json(req.session));
        app.get('/set/:key', (req, res) => waiting.push(() => res.json(req.session[req.params.key] = 1)));
        app.get('/reload/:key', (req, res) => req.session.reload(() => res.json(req.session[req.params.key] = 1)));
        const site = await sites.serve(app);
        const browser = site.browser();
        await browser.get('/');
        const keys = ['cart', 'theme', 'flash'];
        const answers = keys.map((key) => browser.get(`/set/${key}`));
        while (waiting.length < keys.length) await new Promise(setImmediate);
        for (const go of waiting) go();
        await Promise.all([...answers, browser.get('/reload/fourth')]);
        const { cookie, ...session } = (await browser.get('/')).json();
        // express-session computes it from two looks at the clock.
        assert.ok(Math.abs(cookie.originalMaxAge - HOUR) < 1000, cookie.originalMaxAge);
        assert.deepEqual(session, { cart: 1, theme: 1, flash: 1, fourth: 1 });
      });
    }
  });
}

describe('partialUpdates', function() {
  const stores = useStores();

  it('sends MongoDB only what changed', async () => {
    const server = await profile(stores.witness, stores.databaseName);
    const store = await stores.connected({ partialUpdates: true });
    const session = { cookie: {}, large: 'x'.repeat(8 * 1024), gone: 1, n: 1 };
    await ask(store, 'set', 'sid', session);
    session.n = 2;
    delete session.gone;
    await ask(store, 'set', 'sid', session);
    const [whole, { command }] = await server.updates(store.options.collection, 'sid');
    assert.equal(whole.command.upsert, true);
    assert.equal(command.upsert ?? false, false);
    assert.deepEqual([Object.keys(command.u.$set), command.u.$unset], [['session.n', 'expires'], { 'session.gone': '' }]);
  });
});
