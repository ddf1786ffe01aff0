'use strict';

/** Passport: who logs in stays logged in, for `maxAge` after the last visit. `npm install && npm start`. */

const crypto = require('node:crypto');
const express = require('express');
const session = require('express-session');
const passport = require('passport');
const LocalStrategy = require('passport-local');
const MongoDBStore = require('connect-mongodb-session')(session);

const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'passportSessions' });
store.on('error', (error) => console.error(error.message));

/** In an application, these are in a database; this is here so that the example runs. */
const users = new Map([makeUser(1, 'ada', 'lovelace'), makeUser(2, 'grace', 'hopper')].map((user) => [user.name, user]));

function makeUser(id, name, password) {
  const salt = crypto.randomBytes(16);
  return { id, name, salt, hash: crypto.scryptSync(password, salt, 32) };
}

passport.use(new LocalStrategy({ usernameField: 'name' }, (name, password, done) => {
  const user = users.get(name);
  if (!user) return done(null, false);
  crypto.scrypt(password, user.salt, 32, (error, hash) => {
    if (error) return done(error);
    done(null, crypto.timingSafeEqual(hash, user.hash) && user);
  });
}));
passport.serializeUser((user, done) => done(null, user.name));
passport.deserializeUser((name, done) => done(null, users.get(name) ?? false));

const app = express();
app.use(session({
  secret: process.env.SESSION_SECRET || 'change this',
  store,
  resave: false,
  saveUninitialized: false,
  rolling: true,
  cookie: { maxAge: 24 * 60 * 60 * 1000, httpOnly: true, sameSite: 'lax' }
}));
app.use(passport.session());
app.use(express.urlencoded({ extended: false }));

// Passport makes a new session id at the login, and keeps what was in the session with `keepSessionInfo`.
app.post('/login', passport.authenticate('local', { keepSessionInfo: true }), (req, res) => res.json({ user: req.user.name }));

app.post('/logout', (req, res, next) => {
  req.logout((error) => error ? next(error) : res.json({}));
});

app.post('/cart', (req, res) => {
  req.session.cart = [...req.session.cart ?? [], String(req.body.item)];
  res.json({ cart: req.session.cart });
});

app.get('/', (req, res) => {
  res.json({ user: req.user?.name, cart: req.session.cart ?? [] });
});

const server = app.listen(process.env.PORT || 3000, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => store.client.close()));
