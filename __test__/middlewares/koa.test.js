'use strict';

const Koa = require('koa');
const { createSession } = require('koa-session');
const genericSession = require('koa-generic-session');
const store = require('../../lib/entries/koa');
const { serve } = require('../support/http');
const { MAX_AGE, itKeepsSessions } = require('./application');

let serial = 0;
const open = (stores, options) => store({ uri: stores.uri, collection: `koa${++serial}`, ...options });

function serveKoa(use, answer) {
  const app = new Koa();
  app.keys = ['secret'];
  use(app);
  app.use(async (ctx) => {
    ctx.body = await answer(ctx.path, {
      get: (key) => ctx.session[key],
      set: (key, value) => { ctx.session[key] = value; },
      destroy: async () => { ctx.session = null; }
    });
  });
  return serve(app.callback());
}

itKeepsSessions('koa-session', {
  store: open,
  serve: (opened, answer) => serveKoa((app) => app.use(createSession({ store: opened, maxAge: MAX_AGE, rolling: true }, app)), answer)
});

itKeepsSessions('koa-generic-session', {
  store: open,
  serve: (opened, answer) => serveKoa((app) => app.use(genericSession({ store: opened, rolling: true, cookie: { maxAge: MAX_AGE } })), answer)
});
