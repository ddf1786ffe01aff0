'use strict';

/**
 * A login and a counter on Express, seen by OpenTelemetry: a span for each request, below it one for each operation on
 * its session, and metrics of the store. `npm install && npm start`, with MONGODB_URI, PORT and SESSION_SECRET.
 */

const { shutdown } = require('./telemetry');
const express = require('express');
const session = require('express-session');
const MongoDBStore = require('connect-mongodb-session')(session);
const { measureSessions } = require('./session-metrics');

const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'telemetrySessions' });
store.on('error', (error) => console.error(error.message));
measureSessions(store);

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

process.once('SIGTERM', () => server.close(async () => {
  // The last numbers are read before the store is closed.
  await shutdown();
  await store.close();
}));
