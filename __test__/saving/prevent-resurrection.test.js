'use strict';

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const { EXPRESS, HOUR, Sites } = require('../express/apps');
const { load } = require('../support/impl');
const { ask, call, useStores } = require('../support/stores');

const PARTIAL = [{}, { partialUpdates: true }, { batching: false }, { idField: 'sid' }];

for (const more of PARTIAL) {
  describe(`preventResurrection ${JSON.stringify(more)}`, function() {
    const stores = useStores();
    const sites = new Sites();
    afterEach(() => sites.closeAll());
    const open = () => stores.connected({ preventResurrection: true, ...more });
    const count = (store) => stores.rows(store).countDocuments();
    const session = () => ({ cookie: { expires: new Date(Date.now() + HOUR) }, n: 1 });

    it('a save of a session that was loaded does not bring it back, and is no error', async () => {
      const store = await open();
      await ask(store, 'set', 'sid', session());
      const loaded = await ask(store, 'get', 'sid');
      await stores.rows(store).deleteMany({});
      loaded.n = 2;
      assert.deepEqual((await call(store, 'set', 'sid', loaded)).args, []);
      assert.equal(await count(store), 0);
    });

    it('a save of a session that is there is stored', async () => {
      const store = await open();
      await ask(store, 'set', 'sid', session());
      const loaded = await ask(store, 'get', 'sid');
      loaded.n = 2;
      await ask(store, 'set', 'sid', loaded);
      assert.equal((await ask(store, 'get', 'sid')).n, 2);
      assert.equal(await count(store), 1);
    });

    it('a session that was saved here counts as loaded', async () => {
      const store = await open();
      const fresh = session();
      await ask(store, 'set', 'sid', fresh);
      await ask(store, 'destroy', 'sid');
      await ask(store, 'set', 'sid', { ...fresh, n: 2 });
      assert.equal(await count(store), 1);
      await ask(store, 'destroy', 'sid');
      await ask(store, 'set', 'sid', fresh);
      assert.equal(await count(store), 0);
    });

    it('a session whose first save failed is created by the next', async () => {
      const store = await open();
      const fresh = session();
      await store.client.close();
      assert.ok((await call(store, 'set', 'sid', fresh)).error);
      await store.client.connect();
      await ask(store, 'set', 'sid', fresh);
      assert.equal(await count(store), 1);
    });

    it('saves that wait together create what the first of them would', async () => {
      const store = await open();
      const [first, second] = [session(), session()];
      await ask(store, 'set', 'sid', second);
      await ask(store, 'destroy', 'sid');
      await Promise.all([ask(store, 'get', 'sid'), ask(store, 'set', 'sid', first), ask(store, 'set', 'sid', { ...second, n: 3 }), ask(store, 'set', 'sid', second)]);
      assert.equal(await count(store), 1);
    });

    it('a session known under one id may be stored under another', async () => {
      const store = await open();
      const fresh = session();
      await ask(store, 'set', 'a', fresh);
      await ask(store, 'set', 'b', fresh);
      assert.equal(await count(store), 2);
    });

    for (const [name, express] of Object.entries(EXPRESS)) {
      for (const [how, path] of [['logs out', '/logout'], ['regenerates', '/regenerate']]) {
        it(`a request under way when another ${how} saves nothing (${name})`, async () => {
          const store = await open();
          const held = [];
          const app = express();
          app.use(expressSession({ secret: 's', store, resave: false, saveUninitialized: false, cookie: { maxAge: HOUR } }));
          app.get('/login', (req, res) => res.json(req.session.user = 'ada'));
          app.get('/slow', (req, res) => held.push(() => res.json(req.session.cart = 'tea')));
          app.get('/logout', (req, res) => req.session.destroy(() => res.json('out')));
          app.get('/regenerate', (req, res) => req.session.regenerate(() => res.json(req.session.user = 'bob')));
          const site = await sites.serve(app);
          const browser = site.browser();
          await browser.get('/login');
          const sid = browser.sessionId();
          const old = browser.at(site.url);
          const slow = old.get('/slow');
          while (held.length === 0) await new Promise(setImmediate);
          await browser.get(path);
          held[0]();
          assert.equal((await slow).status, 200);
          assert.equal(await stores.rows(store).countDocuments({ [store.options.idField]: sid }), 0);
          assert.equal(await count(store), path === '/regenerate' ? 1 : 0);
        });
      }
    }

    it('a session that the original destroyed stays destroyed', async () => {
      const store = await open();
      const Original = load('original').factory(expressSession);
      const original = stores.track(new Original({ uri: stores.uri, collection: store.options.collection, idField: store.options.idField }));
      await original.initialConnectionPromise;
      await ask(original, 'set', 'sid', session());
      const loaded = await ask(store, 'get', 'sid');
      await ask(original, 'destroy', 'sid');
      await ask(store, 'set', 'sid', loaded);
      assert.equal(await count(store), 0);
    });

    it('a method in the place of collection.updateOne is asked for no upsert', async () => {
      const store = await open();
      await ask(store, 'set', 'sid', session());
      const loaded = await ask(store, 'get', 'sid');
      const asked = [];
      store.collection.updateOne = async (...args) => asked.push(args);
      await ask(store, 'set', 'sid', loaded);
      await ask(store, 'set', 'new', session());
      assert.deepEqual(asked.map(([, , options]) => options), [{ upsert: false }, { upsert: true }]);
      assert.equal(asked[0][1].$set.session.n, 1);
    });
  });
}

describe('without preventResurrection', function() {
  const stores = useStores();
  it('the save of a destroyed session stores it again, as with the original', async () => {
    const store = await stores.connected();
    const session = { cookie: {} };
    await ask(store, 'set', 'sid', session);
    const loaded = await ask(store, 'get', 'sid');
    await ask(store, 'destroy', 'sid');
    await ask(store, 'set', 'sid', loaded);
    assert.equal(await stores.rows(store).countDocuments(), 1);
  });
});
