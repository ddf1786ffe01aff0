'use strict';

/* global Bun */

/** Hono on Bun's own server, with sessions in the MongoDB of MONGODB_URI; visits itself, and prints the answers. */

const { Hono } = require('hono');
const { sessionMiddleware } = require('hono-sessions');
const mongoStore = require('../../lib/entries/koa');

const sessions = mongoStore({ uri: process.env.MONGODB_URI, collection: 'bun' });
const save = (id, data) => sessions.set(id, data, 86_400_000);
const store = { getSessionById: (id) => sessions.get(id), createSession: save, persistSessionData: save, deleteSession: (id) => sessions.destroy(id) };

const app = new Hono();
app.use('*', sessionMiddleware({ store, expireAfterSeconds: 86_400, cookieOptions: { path: '/' } }));
app.get('/', (context) => {
  const session = context.get('session');
  session.set('views', (session.get('views') ?? 0) + 1);
  return context.json(session.get('views'));
});

async function main() {
  const server = Bun.serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  let cookie;
  for (let n = 0; n < 3; n++) {
    const response = await fetch(server.url, { headers: cookie ? { cookie } : {} });
    cookie ??= response.headers.get('set-cookie').split(';')[0];
    console.log(await response.text());
  }
  await server.stop(true);
  await sessions.close();
}

main();
