'use strict';

const { Hono } = require('hono');
const { sessionMiddleware } = require('hono-sessions');
const koaStore = require('../../lib/entries/koa');
const { serve } = require('../support/http');
const { MAX_AGE, itKeepsSessions } = require('./application');

let serial = 0;

/** The recipe of docs/middlewares.md. */
function storeFor(sessions) {
  const save = (id, data) => sessions.set(id, data, MAX_AGE);
  return { getSessionById: (id) => sessions.get(id), createSession: save, persistSessionData: save, deleteSession: (id) => sessions.destroy(id) };
}

itKeepsSessions('hono-sessions', {
  store: (stores, options) => koaStore({ uri: stores.uri, collection: `hono${++serial}`, ...options }),
  serve(store, answer) {
    const app = new Hono();
    app.use('*', sessionMiddleware({ store: storeFor(store), expireAfterSeconds: MAX_AGE / 1000, cookieOptions: { path: '/', httpOnly: true } }));
    app.get('*', async (context) => {
      const session = context.get('session');
      return context.json(await answer(context.req.path, {
        get: (key) => session.get(key),
        set: (key, value) => session.set(key, value),
        destroy: async () => session.deleteSession()
      }));
    });
    return serve(async (req, res) => {
      const response = await app.request(req.url, { headers: req.headers });
      res.writeHead(response.status, { 'set-cookie': response.headers.getSetCookie() });
      res.end(await response.text());
    });
  },
  sessionOf: (stored) => Object.fromEntries(Object.entries(stored._data).map(([key, { value }]) => [key, value]))
});
