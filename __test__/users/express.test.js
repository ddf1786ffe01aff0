'use strict';

/** Users behind express-session and Passport: logins, logouts and ends as browsers see them. */

const assert = require('node:assert/strict');
const express = require('express');
const expressSession = require('express-session');
const { Passport } = require('passport');
const { Strategy } = require('passport-local');
const { Sites } = require('../express/apps');
const { useStores } = require('../support/stores');

const HOUR_MS = 3_600_000;

describe('users of an application', () => {
  const stores = useStores();
  const sites = new Sites();
  afterEach(() => sites.closeAll());

  /** An application where everybody who gives a name is logged in. */
  async function siteWith(options) {
    const store = await stores.connected({ user: ({ passport }) => passport?.user, ...options });
    const passport = new Passport();
    passport.use(new Strategy((username, password, done) => done(null, { id: username })));
    passport.serializeUser((user, done) => done(null, user.id));
    passport.deserializeUser((id, done) => done(null, { id }));
    const app = express();
    app.use(expressSession({ secret: 's', store, resave: false, saveUninitialized: false, rolling: true, cookie: { maxAge: 9 * HOUR_MS } }));
    app.use(express.urlencoded({ extended: false }));
    app.use(passport.initialize());
    app.use(passport.session());
    app.get('/', (req, res) => {
      req.session.views = (req.session.views ?? 0) + 1;
      res.json(req.user?.id ?? null);
    });
    app.post('/login', passport.authenticate('local'), (req, res) => res.json(req.user.id));
    app.post('/logout', (req, res, next) => req.logout((error) => (error ? next(error) : res.json(null))));
    app.post('/logout-others', (req, res, next) => {
      store.destroyUser(req.user.id, { except: req.sessionID }).then((ended) => res.json(ended), next);
    });
    const site = await sites.serve(app);
    const login = async (browser) => assert.equal((await browser.post('/login', { username: 'ada', password: 'any' })).json(), 'ada');
    return { store, site, login };
  }

  const whoIs = async (browser) => (await browser.get('/')).json();

  it('are logged out everywhere but here', async () => {
    const { store, site, login } = await siteWith({ hashIds: true });
    const [here, there, elsewhere] = [site.browser(), site.browser(), site.browser()];
    for (const browser of [here, there, elsewhere]) await login(browser);
    assert.equal((await store.sessionsOf('ada')).length, 3);
    assert.equal((await here.post('/logout-others')).json(), 2);
    assert.deepEqual([await whoIs(here), await whoIs(there), await whoIs(elsewhere)], ['ada', null, null]);
    await here.post('/logout');
    assert.deepEqual([await whoIs(here), await store.sessionsOf('ada')], [null, []]);
  });

  it('have as many sessions as they may: a login too many ends the oldest', async () => {
    const { site, login } = await siteWith({ maxSessionsPerUser: 1 });
    const [first, second] = [site.browser(), site.browser()];
    await login(first);
    await login(first);
    assert.equal(await whoIs(first), 'ada');
    // The server tells logins apart by the millisecond.
    for (const now = Date.now(); Date.now() <= now + 1;) await new Promise(setImmediate);
    await login(second);
    assert.deepEqual([await whoIs(first), await whoIs(second)], [null, 'ada']);
  });

  for (const keepOnRegenerate of [false, true]) {
    it(`${keepOnRegenerate ? 'take the end of their session along' : 'begin a life anew'} when they log in, and stay within it`, async () => {
      const { store, site, login } = await siteWith({ maxLifetime: { ms: HOUR_MS, keepOnRegenerate } });
      const browser = site.browser();
      await browser.get('/');
      const row = () => stores.rows(store).findOne();
      const before = await row();
      // As if half an hour had passed since.
      const endsAt = new Date(before.endsAt.getTime() - HOUR_MS / 2);
      await stores.rows(store).updateOne({ _id: before._id }, { $set: { endsAt } });
      await login(browser);
      const after = await row();
      assert.notEqual(after._id, before._id);
      assert.equal(after.endsAt.getTime() === endsAt.getTime(), keepOnRegenerate);
      assert.equal(await whoIs(browser), 'ada');
      const later = await row();
      assert.deepEqual([later.endsAt, later.expires], [after.endsAt, after.endsAt]);
    });
  }
});
