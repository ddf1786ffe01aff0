'use strict';

const fastify = require('fastify');
const cookie = require('@fastify/cookie');
const session = require('@fastify/session');
const { Browser } = require('../support/http');
const impl = require('../support/impl');
const { MAX_AGE, itKeepsSessions } = require('./application');

const MongoDBStore = impl.factory(session);
let serial = 0;

itKeepsSessions('@fastify/session', {
  store: (stores, options) => new MongoDBStore({ uri: stores.uri, collection: `fastify${++serial}`, ...options }),
  async serve(store, answer) {
    const app = fastify();
    app.register(cookie);
    app.register(session, {
      secret: 'a secret of at least 32 characters', store, saveUninitialized: false, cookie: { maxAge: MAX_AGE, secure: false }
    });
    app.get('*', (request) => answer(request.url, {
      get: (key) => request.session[key],
      set: (key, value) => { request.session[key] = value; },
      destroy: () => request.session.destroy()
    }));
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    return { browser: () => new Browser(url), close: () => app.close() };
  }
});
