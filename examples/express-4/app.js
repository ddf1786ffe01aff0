'use strict';

/** A login and a counter on Express 4. `npm install && npm start`, with MONGODB_URI, PORT and SESSION_SECRET. */

const express = require('express');
const session = require('express-session');
const MongoDBStore = require('connect-mongodb-session')(session);

const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'express4Sessions' });
store.on('error', (error) => console.error(error.message));

const app = express();
app.use(session({
  secret: process.env.SESSION_SECRET || 'change this',
  store,
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 7 * 24 * 60 * 60 * 1000, httpOnly: true, sameSite: 'lax' }
}));
app.use(express.urlencoded({ extended: false }));

app.get('/', (req, res) => {
  req.session.views = (req.session.views || 0) + 1;
  res.json({ user: req.session.user, views: req.session.views });
});

app.post('/login', (req, res, next) => {
  const { views } = req.session;
  // A new id: whoever knew the one from before the login knows nothing now.
  req.session.regenerate((error) => {
    if (error) return next(error);
    req.session.user = String(req.body.name);
    req.session.views = views;
    req.session.save((failed) => failed ? next(failed) : res.redirect(303, '/'));
  });
});

app.post('/logout', (req, res, next) => {
  req.session.destroy((error) => error ? next(error) : res.redirect(303, '/'));
});

const server = app.listen(process.env.PORT || 3000, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => store.client.close()));
