'use strict';

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const { Passport } = require('passport');
const { Strategy } = require('passport-local');
const impl = require('../support/impl');
const { useStores } = require('../support/stores');
const { EXPRESS, Sites } = require('./apps');

const USERS = new Map([['1', { id: '1', username: 'ada', password: 'lovelace' }]]);

for (const [version, express] of Object.entries(EXPRESS)) {
  describe(`${version} with passport-local [${impl.name}]`, function() {
    this.timeout(60_000);
    const stores = useStores();
    const sites = new Sites();
    afterEach(() => sites.closeAll());

    async function visit() {
      const store = await stores.connected();
      const passport = new Passport();
      passport.use(new Strategy((username, password, done) => {
        const user = [...USERS.values()].find(each => each.username === username && each.password === password);
        done(null, user || false);
      }));
      passport.serializeUser((user, done) => done(null, user.id));
      passport.deserializeUser((id, done) => done(null, USERS.get(id) || false));

      const app = express();
      app.use(expressSession({ secret: 's', store, resave: false, saveUninitialized: false }));
      app.use(express.urlencoded({ extended: false }));
      app.use(passport.initialize());
      app.use(passport.session());
      app.post('/login', passport.authenticate('local', { successRedirect: '/me', failureRedirect: '/login' }));
      app.post('/logout', (req, res, next) => req.logout(error => error ? next(error) : res.redirect('/login')));
      app.get('/me', (req, res) => res.json(req.user ? req.user.username : null));
      const site = await sites.serve(app);
      return { rows: stores.rows(store), browser: site.browser() };
    }

    it('logs in and out', async () => {
      const { browser, rows } = await visit();
      assert.equal((await browser.get('/me')).json(), null);
      const login = await browser.post('/login', { username: 'ada', password: 'lovelace' });
      assert.equal(login.location, '/me');
      assert.equal((await browser.get('/me')).json(), 'ada');
      assert.deepEqual((await rows.findOne({ _id: browser.sessionId() })).session.passport, { user: '1' });
      assert.equal((await browser.post('/logout')).location, '/login');
      assert.equal((await browser.get('/me')).json(), null);
      assert.equal(await rows.countDocuments({ 'session.passport.user': '1' }), 0);
    });

    it('gives another session id at login', async () => {
      const { browser } = await visit();
      await browser.post('/login', { username: 'ada', password: 'lovelace' });
      const first = browser.sessionId();
      await browser.post('/login', { username: 'ada', password: 'lovelace' });
      assert.notEqual(browser.sessionId(), first);
      assert.equal((await browser.get('/me')).json(), 'ada');
    });

    it('refuses a wrong password', async () => {
      const { browser } = await visit();
      assert.equal((await browser.post('/login', { username: 'ada', password: 'x' })).location, '/login');
      assert.equal((await browser.get('/me')).json(), null);
    });
  });
}
