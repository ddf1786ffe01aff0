'use strict';

/**
 * One Express process of a fleet; `IMPL` says on which implementation. It prints its port and ends when
 * its standard input does.
 */

const express = require('express');
const session = require('express-session');
const impl = require('../support/impl');

const { MONGO_URI, COLLECTION } = process.env;

const Store = impl.factory(session);
const store = new Store({ uri: MONGO_URI, collection: COLLECTION }, error => {
  if (error) {
    throw error;
  }
});
const app = express();

app.use(session({
  secret: 'shared by the fleet',
  store,
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 60 * 60 * 1000 }
}));

// Values that a JSON detour would change, so that the two implementations must agree on types.
const RICH = () => ({
  when: new Date(Date.UTC(2030, 1, 2)),
  float: 1.5,
  large: 2 ** 40,
  list: [1, null, { deep: true }],
  text: 'Ünïcödé 💾',
  empty: {}
});

app.get('/write', (req, res) => {
  req.session.by = [...req.session.by || [], impl.name];
  req.session.rich = RICH();
  res.json({ by: req.session.by });
});

app.get('/read', (req, res) => {
  const { by, rich } = req.session;
  let same = null;
  try {
    require('node:assert/strict').deepEqual(rich, RICH());
    same = true;
  } catch (error) {
    same = error.message;
  }
  res.json({ impl: impl.name, by, same });
});

app.get('/logout', (req, res, next) => req.session.destroy(error => error ? next(error) : res.json('out')));

app.get('/regenerate', (req, res, next) => {
  const { by, rich } = req.session;
  req.session.regenerate(error => {
    Object.assign(req.session, { by, rich });
    error ? next(error) : res.json('regenerated');
  });
});

const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`));

process.stdin.resume().on('end', () => process.exit());
