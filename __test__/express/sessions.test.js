'use strict';

const assert = require('node:assert/strict');
const impl = require('../support/impl');
const { useStores, ask, assertNear } = require('../support/stores');
const { difference } = require('../parity/differences');
const { EXPRESS, HOUR, Sites, sessionApp } = require('./apps');

for (const [version, express] of Object.entries(EXPRESS)) {
  describe(`${version} with express-session [${impl.name}]`, function() {
    this.timeout(60_000);
    const stores = useStores();
    const sites = new Sites();
    afterEach(() => sites.closeAll());

    /** An app on a store of its own and a browser at it. */
    async function visit(options, storeOptions) {
      const store = await stores.connected(storeOptions);
      const site = await sites.serve(sessionApp(express, store, options));
      return { store, site, browser: site.browser(), rows: stores.rows(store) };
    }

    /** Set back the stored expiry, so that a later one is seen to be later. */
    async function age(rows, ms = 60 * 1000) {
      const expires = new Date(Date.now() + ms);
      await rows.updateMany({}, { $set: { expires } });
      return expires;
    }

    describe('a visit', () => {
      it('keeps its session from request to request', async () => {
        const { browser, rows } = await visit();
        for (let views = 1; views <= 3; views++) {
          assert.deepEqual((await browser.get('/view')).json(), { views });
        }
        const documents = await rows.find().toArray();
        assert.deepEqual(documents.map(({ _id, session }) => [_id, session.views]), [[browser.sessionId(), 3]]);
        assertNear(documents[0].expires, Date.now() + HOUR);
      });

      it('of somebody else has another session', async () => {
        const { site, browser, rows } = await visit();
        const other = site.browser();
        await browser.get('/view');
        assert.deepEqual((await other.get('/view')).json(), { views: 1 });
        assert.equal(await rows.countDocuments(), 2);
      });

      it('with a forged cookie starts anew', async () => {
        const { browser, site } = await visit();
        await browser.get('/view');
        const forger = site.browser();
        forger.cookies.set('connect.sid', encodeURIComponent(`s:${browser.sessionId()}.forged`));
        assert.deepEqual((await forger.get('/view')).json(), { views: 1 });
      });

      it('after the expiry starts anew', async () => {
        const { browser, rows } = await visit();
        await browser.get('/view');
        const old = browser.sessionId();
        await age(rows, -1000);
        assert.deepEqual((await browser.get('/view')).json(), { views: 1 });
        assert.notEqual(browser.sessionId(), old);
        assert.equal(await rows.countDocuments({ _id: old }), 0);
      });
    });

    describe('login and logout', () => {
      it('regenerate the id and destroy the session', async () => {
        const { browser, rows } = await visit();
        await browser.get('/view');
        const anonymous = browser.sessionId();
        const login = await browser.post('/login', { name: 'ada' });
        assert.equal(login.status, 302);
        const known = browser.sessionId();
        assert.notEqual(known, anonymous);
        assert.deepEqual(await rows.distinct('_id'), [known], 'the anonymous session is gone');
        assert.deepEqual((await browser.get('/')).json(), { id: known, user: { name: 'ada' } });
        await browser.post('/logout');
        assert.equal(await rows.countDocuments(), 0);
        assert.equal((await browser.get('/')).json().user, undefined);
      });

      it('of one browser leave the others logged in', async () => {
        const { site, rows } = await visit();
        const [ada, bob] = [site.browser(), site.browser()];
        await Promise.all([ada.post('/login', { name: 'ada' }), bob.post('/login', { name: 'bob' })]);
        await ada.post('/logout');
        assert.equal((await bob.get('/')).json().user.name, 'bob');
        assert.equal(await rows.countDocuments(), 1);
      });

      it('by a destroyed session id do not come back', async () => {
        const { browser, rows } = await visit();
        await browser.post('/login', { name: 'ada' });
        const stolen = browser.at(browser.base);
        await browser.post('/logout');
        assert.equal((await stolen.get('/')).json().user, undefined);
        assert.equal(await rows.countDocuments(), 0);
      });

      it('by unset: \'destroy\' end with req.session = null', async () => {
        const { browser, rows } = await visit({ unset: 'destroy' });
        await browser.get('/view');
        await browser.get('/unset');
        assert.equal(await rows.countDocuments(), 0);
      });
    });

    describe('saveUninitialized', () => {
      it('true stores a session nobody wrote to', async () => {
        const { browser, rows } = await visit({ saveUninitialized: true });
        const answer = await browser.get('/');
        assert.equal(answer.setCookie.length, 1);
        assert.equal((await rows.findOne())._id, browser.sessionId());
      });

      it('false stores none', async () => {
        const { browser, rows } = await visit({ saveUninitialized: false });
        const answer = await browser.get('/');
        assert.equal(answer.setCookie.length, 0);
        assert.equal(await rows.countDocuments(), 0);
      });
    });

    describe('resave', () => {
      it('true moves the expiry of a session that is only read', async () => {
        const { browser, rows } = await visit({ resave: true });
        await browser.get('/view');
        await age(rows);
        await browser.get('/');
        assertNear((await rows.findOne()).expires, Date.now() + HOUR);
      });

      it('false does not write a session that is only read', async () => {
        const { browser, rows } = await visit({ resave: false });
        await browser.get('/view');
        await rows.updateOne({}, { $set: { 'session.byHand': true } });
        const before = (await rows.findOne()).session.views;
        await browser.get('/');
        const { session } = await rows.findOne();
        assert.equal(session.byHand, true);
        assert.equal(session.views, before);
      });

      difference('touch', {
        aspect: 'resave: false, one request that only reads',
        original: async () => {
          const { browser, rows } = await visit();
          await browser.get('/view');
          const expires = await age(rows);
          await browser.get('/');
          assert.deepEqual((await rows.findOne()).expires, expires);
        },
        ours: async () => {
          const { browser, rows } = await visit();
          await browser.get('/view');
          await age(rows);
          await browser.get('/');
          const document = await rows.findOne();
          assertNear(document.expires, Date.now() + HOUR);
          assert.deepEqual(document.session.cookie.expires, document.expires);
          assert.equal(document.session.views, 1);
        }
      });

      difference('touch', {
        aspect: 'req.session.touch()',
        original: async () => {
          const { browser, rows } = await visit();
          await browser.get('/view');
          const expires = await age(rows);
          await browser.get('/touch');
          assert.deepEqual((await rows.findOne()).expires, expires);
        },
        ours: async () => {
          const { browser, rows } = await visit();
          await browser.get('/view');
          await age(rows);
          await browser.get('/touch');
          assertNear((await rows.findOne()).expires, Date.now() + HOUR);
        }
      });
    });

    describe('rolling', () => {
      it('true sends the cookie with every answer', async () => {
        const { browser } = await visit({ rolling: true });
        await browser.get('/view');
        const answer = await browser.get('/');
        assert.equal(answer.setCookie.length, 1);
        const expires = new Date(/Expires=([^;]+)/i.exec(answer.setCookie[0])[1]);
        assertNear(expires, Date.now() + HOUR);
      });

      it('true with resave moves the stored expiry along', async () => {
        const { browser, rows } = await visit({ rolling: true, resave: true });
        await browser.get('/view');
        await age(rows);
        await browser.get('/');
        assertNear((await rows.findOne()).expires, Date.now() + HOUR);
      });

      it('false sends the cookie once', async () => {
        const { browser } = await visit({ rolling: false });
        assert.equal((await browser.get('/view')).setCookie.length, 1);
        assert.equal((await browser.get('/')).setCookie.length, 0);
      });

      difference('touch', {
        aspect: 'rolling without resave',
        original: async () => {
          const { browser, rows } = await visit({ rolling: true });
          await browser.get('/view');
          const expires = await age(rows);
          await browser.get('/');
          assert.deepEqual((await rows.findOne()).expires, expires, 'the cookie outlives the session');
        },
        ours: async () => {
          const { browser, rows } = await visit({ rolling: true });
          await browser.get('/view');
          await age(rows);
          await browser.get('/');
          assertNear((await rows.findOne()).expires, Date.now() + HOUR);
        }
      });
    });

    describe('the session object', () => {
      it('reloads what is stored', async () => {
        const { browser, rows } = await visit();
        await browser.get('/view');
        await rows.updateOne({}, { $set: { 'session.views': 7 } });
        assert.deepEqual((await browser.get('/reload')).json(), { views: 7 });
        assert.equal((await rows.findOne()).session.views, 7);
      });

      it('fails to reload when it was destroyed meanwhile', async () => {
        const { browser, rows, store } = await visit();
        await browser.get('/view');
        const get = store.get;
        let reads = 0;
        store.get = function(...args) {
          // The first read is the request's own.
          return ++reads === 1 ? get.apply(this, args) : rows.deleteMany({}).then(() => get.apply(this, args));
        };
        const answer = await browser.get('/reload');
        assert.equal(answer.status, 500);
        assert.equal(answer.json().error, 'failed to load session');
      });

      it('takes another cookie.maxAge', async () => {
        const { browser, rows } = await visit();
        const answer = await browser.get(`/remember/${30 * 24 * HOUR}`);
        const document = await rows.findOne();
        assertNear(document.expires, Date.now() + 30 * 24 * HOUR);
        // express-session measures it, so that it can be a millisecond less.
        assert.equal(Math.round(document.session.cookie.originalMaxAge / HOUR), 30 * 24);
        assertNear(new Date(/Expires=([^;]+)/i.exec(answer.setCookie[0])[1]), Date.now() + 30 * 24 * HOUR);
        await browser.get('/view');
        assertNear((await rows.findOne()).expires, Date.now() + 30 * 24 * HOUR);
      });

      it('lives for the option expires when its cookie is a browser session\'s', async () => {
        const { browser, rows } = await visit({ cookie: {} }, { expires: 5 * HOUR });
        const answer = await browser.get('/view');
        assert.doesNotMatch(answer.setCookie[0], /Expires/i);
        assertNear((await rows.findOne()).expires, Date.now() + 5 * HOUR);
        assert.deepEqual((await browser.get('/view')).json(), { views: 2 });
      });

      it('has the store\'s methods on req.sessionStore', async () => {
        const { browser, store } = await visit();
        await browser.get('/view');
        assert.equal((await ask(store, 'get', browser.sessionId())).views, 1);
      });
    });

    describe('50 requests at once', () => {
      it('on one session are all answered and leave it whole', async () => {
        const { browser, rows } = await visit();
        await browser.get('/view');
        const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => browser.get(`/last?n=${n}`)));
        assert.deepEqual(answers.map(answer => answer.status), Array(50).fill(200));
        assert.deepEqual(answers.map(answer => answer.json()), Array.from({ length: 50 }, (_, n) => String(n)));
        const [document, ...more] = await rows.find().toArray();
        assert.equal(more.length, 0);
        assert.equal(document.session.views, 1);
        assert.match(document.session.last, /^\d+$/);
      });

      it('on 50 sessions each get their own', async () => {
        const { site, rows } = await visit();
        const browsers = Array.from({ length: 50 }, () => site.browser());
        await Promise.all(browsers.map((browser, n) => browser.get(`/last?n=${n}`)));
        await Promise.all(browsers.map(browser => browser.get('/view')));
        const documents = await rows.find().toArray();
        assert.equal(documents.length, 50);
        const byId = new Map(documents.map(document => [document._id, document.session]));
        browsers.forEach((browser, n) => {
          const { last, views } = byId.get(browser.sessionId());
          assert.deepEqual([last, views], [String(n), 1]);
        });
      });
    });

    describe('two apps', () => {
      it('share one store', async () => {
        const store = await stores.connected();
        const [first, second] = [await sites.serve(sessionApp(express, store)),
          await sites.serve(sessionApp(express, store))];
        const browser = first.browser();
        await browser.get('/view');
        assert.deepEqual((await browser.at(second.url).get('/view')).json(), { views: 2 });
        assert.deepEqual((await browser.get('/view')).json(), { views: 3 });
      });

      it('share one collection through two stores', async () => {
        const one = await stores.connected();
        const two = await stores.connected({ collection: one.options.collection });
        const [first, second] = [await sites.serve(sessionApp(express, one)),
          await sites.serve(sessionApp(express, two))];
        const browser = first.browser();
        await browser.post('/login', { name: 'ada' });
        assert.equal((await browser.at(second.url).get('/')).json().user.name, 'ada');
        await browser.at(second.url).post('/logout');
        assert.equal((await browser.get('/')).json().user, undefined);
      });

      it('with collections of their own share nothing', async () => {
        const [first, second] = [await visit(), await visit()];
        await first.browser.get('/view');
        assert.deepEqual((await first.browser.at(second.site.url).get('/view')).json(), { views: 1 });
      });
    });
  });
}
