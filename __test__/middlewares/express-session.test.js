'use strict';

const express = require('express');
const session = require('express-session');
const { serve } = require('../support/http');
const { MAX_AGE, itKeepsSessions } = require('./application');

itKeepsSessions('express-session', {
  store: (stores, options) => stores.open(options),
  serve(store, answer) {
    const app = express();
    app.use(session({ secret: 'secret', store, resave: false, saveUninitialized: false, cookie: { maxAge: MAX_AGE } }));
    app.use(async (req, res) => {
      res.json(await answer(req.path, {
        get: (key) => req.session[key],
        set: (key, value) => { req.session[key] = value; },
        destroy: () => new Promise((resolve, reject) => req.session.destroy((error) => (error ? reject(error) : resolve())))
      }));
    });
    return serve(app);
  }
});
