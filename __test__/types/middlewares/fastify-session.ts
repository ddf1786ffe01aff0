// The store in an application on @fastify/session.

import fastify from 'fastify';
import cookie from '@fastify/cookie';
import session from '@fastify/session';
import connectMongoDBSession = require('connect-mongodb-session');

declare module 'fastify' {
  interface Session {
    user?: string;
  }
}

const MongoDBStore = connectMongoDBSession(session);
const store = new MongoDBStore({ uri: 'mongodb://127.0.0.1/test', preventResurrection: true, partialUpdates: true, touchAfter: 60 });
const app = fastify();
app.register(cookie);
app.register(session, { store, secret: 'a secret of at least 32 characters', cookie: { maxAge: 3_600_000 } });
app.get('/', async (request) => {
  request.session.user = 'ada';
  await request.session.save();
  return request.session.user;
});

export { app };
