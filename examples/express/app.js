'use strict';

const express = require('express');
const session = require('express-session');
const cart = require('./cart');
const { csrf } = require('./csrf');
const devices = require('./devices');
const { findUser } = require('./users');
const pages = require('./pages');
const { securityHeaders } = require('./headers');
const { OpenPages } = require('./open-pages');

const WEEK_MS = 1000 * 60 * 60 * 24 * 7;

/**
 * The example: a shop with a login, whose sessions are in MongoDB.
 *
 * @param {{store: object, secret: string, openPages?: OpenPages}} options `store` with the options of `index.js`
 * @returns {Function} an Express app
 */
function createApp({ store, secret, openPages = new OpenPages(store) }) {
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders);
  app.use(session({
    name: 'leaf.sid',
    secret,
    store,
    // The store has `touch`: an unchanged session is renewed without writing it again.
    resave: false,
    // No session, and no cookie, for who only looks.
    saveUninitialized: false,
    rolling: true,
    cookie: { maxAge: WEEK_MS, httpOnly: true, sameSite: 'lax', secure: 'auto' }
  }));
  app.use(express.urlencoded({ extended: false, limit: '10kb' }));
  app.use(csrf);

  app.get('/', (req, res) => {
    if (!req.session.user) return res.send(loginPage(req, res));
    req.session.views = (req.session.views || 0) + 1;
    res.send(pages.shop({
      ...view(req, res),
      teas: cart.TEAS,
      cart: cart.summary(req.session),
      expires: req.session.cookie.expires
    }));
  });

  app.post('/login', async (req, res) => {
    const name = String(req.body.name || '').trim();
    const user = await findUser(name, String(req.body.password || ''));
    if (!user) {
      res.status(401).send(loginPage(req, res, { name, wrong: true }));
      return;
    }
    // A new id: whoever knew the one from before the login knows nothing now.
    await done(req, 'regenerate');
    req.session.user = user;
    req.session.since = new Date();
    req.session.device = devices.nameOf(req.get('user-agent'));
    await seeOther(req, res, '/');
  });

  app.post('/logout', async (req, res) => {
    await done(req, 'destroy');
    res.clearCookie('leaf.sid');
    res.redirect(303, '/');
  });

  app.post('/cart', async (req, res) => {
    if (req.session.user) {
      req.session.notice = cart.change(req.session, req.body.tea, req.body.action);
    }
    await seeOther(req, res, '/');
  });

  app.get('/devices', async (req, res) => {
    const { user } = req.session;
    if (!user) return res.redirect(303, '/');
    res.send(pages.devices({ ...view(req, res), devices: await devices.devicesOf(store, user, req.sessionID) }));
  });

  app.post('/devices/end', async (req, res) => {
    const { user } = req.session;
    if (user) {
      const count = await devices.end(store, user, req.body.device);
      if (count > 0) req.session.notice = 'Signed out there.';
    }
    await seeOther(req, res, '/devices');
  });

  app.post('/devices/end-others', async (req, res) => {
    const { user } = req.session;
    if (user) {
      const count = await devices.endOthers(store, user, req.sessionID);
      req.session.notice = `Signed out on ${count} other ${count === 1 ? 'device' : 'devices'}.`;
    }
    await seeOther(req, res, '/devices');
  });

  // Asked by the script of each page: 204 keeps a browser from asking again.
  app.get('/session', (req, res) => {
    if (!req.session.user) return res.status(204).end();
    openPages.add(req, res);
  });

  app.use((req, res) => {
    res.status(404).send(pages.problem({ ...view(req, res), title: 'No such page', text: 'There is nothing at this address.' }));
  });
  app.use(onError);
  return app;
}

/** What every page needs. A notice is shown once; who is not signed in has no forms but the login. */
function view(req, res) {
  const { user, views, since, notice } = req.session ?? {};
  if (notice) delete req.session.notice;
  return { user, views, since, notice, csrf: user && res.locals.csrf, nonce: res.locals.nonce };
}

function loginPage(req, res, more) {
  return pages.login({ ...view(req, res), csrf: res.locals.csrf, ...more });
}

/** Browsers follow a redirect before its answer has ended: the session has to be saved by then. */
async function seeOther(req, res, path) {
  await done(req, 'save');
  res.redirect(303, path);
}

/** Calls a method of the session that takes a callback. */
function done(req, method) {
  return new Promise((resolve, reject) => {
    req.session[method]((error) => error ? reject(error) : resolve());
  });
}

// Express tells error handlers by their four parameters.
function onError(error, req, res, next) {
  if (res.headersSent) return next(error);
  const status = error.status >= 400 && error.status < 500 ? error.status : 500;
  if (status === 500) console.error(error);
  const [title, text] = status === 403
    ? ['This form is out of date', 'It belongs to a session that is over. Go back to the shop and try again.']
    : ['Something went wrong', 'The shop could not do that. Please try again in a moment.'];
  res.status(status).send(pages.problem({ ...view({}, res), title, text }));
}

module.exports = { createApp };
