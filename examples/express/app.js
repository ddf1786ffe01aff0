'use strict';

const express = require('express');
const session = require('express-session');
const cart = require('./cart');
const { csrf } = require('./csrf');
const { findUser } = require('./users');
const pages = require('./pages');
const { securityHeaders } = require('./headers');

const WEEK_MS = 1000 * 60 * 60 * 24 * 7;

/**
 * The example: a shop with a login, whose sessions are in MongoDB.
 *
 * @param {{store: object, secret: string}} options
 * @returns {Function} an Express app
 */
function createApp({ store, secret }) {
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
    await toShop(req, res);
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
    await toShop(req, res);
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
async function toShop(req, res) {
  await done(req, 'save');
  res.redirect(303, '/');
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
