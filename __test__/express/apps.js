'use strict';

const expressSession = require('express-session');
const { serve } = require('../support/http');

/** The Express majors every app is run on. */
const EXPRESS = { 'Express 4': require('express4'), 'Express 5': require('express') };

const HOUR = 60 * 60 * 1000;

/**
 * An app whose routes do to a session what applications do.
 *
 * @param {Function} express
 * @param {object} store
 * @param {object} [options] of express-session; `before` is middleware that runs first
 */
function sessionApp(express, store, { before, ...options } = {}) {
  const app = express();
  // Keeps Express from printing the errors that these tests cause.
  app.set('env', 'test');
  if (before) {
    app.use(before);
  }
  app.use(expressSession({
    secret: 'a secret of the test',
    store,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: HOUR },
    ...options
  }));
  app.use(express.urlencoded({ extended: false }));

  app.get('/', (req, res) => res.json({ id: req.sessionID, user: req.session.user, views: req.session.views }));

  app.get('/view', (req, res) => {
    req.session.views = (req.session.views || 0) + 1;
    res.json({ views: req.session.views });
  });

  app.post('/login', (req, res, next) => {
    req.session.regenerate(error => {
      if (error) {
        return next(error);
      }
      req.session.user = { name: req.body.name };
      req.session.save(failed => failed ? next(failed) : res.redirect('/'));
    });
  });

  app.post('/logout', (req, res, next) => {
    req.session.destroy(error => error ? next(error) : res.redirect('/'));
  });

  app.get('/unset', (req, res) => {
    req.session = null;
    res.json('unset');
  });

  app.get('/reload', (req, res, next) => {
    req.session.views = 1000;
    req.session.reload(error => error ? next(error) : res.json({ views: req.session.views }));
  });

  app.get('/touch', (req, res) => {
    req.session.touch();
    res.json('touched');
  });

  app.get('/remember/:ms', (req, res) => {
    req.session.cookie.maxAge = Number(req.params.ms);
    req.session.remembered = true;
    res.json('remembered');
  });

  app.get('/last', (req, res) => {
    req.session.last = String(req.query.n);
    res.json(req.session.last);
  });

  // The shape of an error page: an application has one of these, or Express' own.
  app.use((error, req, res, next) => {
    if (res.headersSent) {
      return next(error);
    }
    res.status(500).json({ error: error.message });
  });
  return app;
}

/** Serve apps; all of them are closed by `closeAll`. */
class Sites {
  constructor() {
    this.sites = [];
  }

  async serve(app) {
    const site = await serve(app);
    this.sites.push(site);
    return site;
  }

  async closeAll() {
    await Promise.all(this.sites.splice(0).map(site => site.close()));
  }
}

module.exports = { EXPRESS, HOUR, Sites, sessionApp };
