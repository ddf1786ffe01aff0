'use strict';

const express = require('express');
const expressSession = require('express-session');
const { auth } = require('express-openid-connect');
const { serve } = require('../support/http');
const impl = require('../support/impl');
const { MAX_AGE, itKeepsSessions } = require('./application');

const MongoDBStore = impl.factory(expressSession);
let serial = 0;

itKeepsSessions('express-openid-connect', {
  store: (stores, options) => new MongoDBStore({ uri: stores.uri, collection: `openid${++serial}`, ...options }),
  serve(store, answer) {
    const app = express();
    app.use(auth({
      issuerBaseURL: 'https://identity.example.com',
      baseURL: 'http://127.0.0.1',
      clientID: 'client',
      clientSecret: 'secret',
      authorizationParams: { response_type: 'code' },
      secret: 'a secret of at least 32 characters',
      authRequired: false,
      routes: { login: false, logout: false, callback: false },
      session: { store, absoluteDuration: MAX_AGE / 1000, rollingDuration: MAX_AGE / 1000, cookie: { secure: false } }
    }));
    app.use(async (req, res) => {
      res.json(await answer(req.path, {
        get: (key) => req.appSession[key],
        set: (key, value) => { req.appSession[key] = value; },
        destroy: async () => { req.appSession = undefined; }
      }));
    });
    return serve(app);
  },
  sessionOf: ({ data }) => data
});
