'use strict';

/** Fastify with sessions of `@fastify/session`. `npm install && npm start`. */

const fastify = require('fastify');
const session = require('@fastify/session');
const MongoDBStore = require('connect-mongodb-session')(session);

const store = new MongoDBStore({
  uri: process.env.MONGODB_URI,
  collection: 'fastifySessions',
  // A logout while another request is under way stays a logout.
  preventResurrection: true,
  // @fastify/session saves with every response: one that only moves the expiry is written once a minute.
  touchAfter: 60
});
store.on('error', (error) => console.error(error.message));

async function start() {
  const app = fastify();
  app.register(require('@fastify/cookie'));
  app.register(session, {
    secret: process.env.SESSION_SECRET || 'change this to 32 characters or more',
    store,
    saveUninitialized: false,
    cookie: { maxAge: 24 * 60 * 60 * 1000, httpOnly: true, sameSite: 'lax', secure: 'auto' }
  });

  app.get('/', async (request) => {
    request.session.views = (request.session.views ?? 0) + 1;
    return { user: request.session.user, views: request.session.views };
  });

  app.post('/login', { schema: { body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } }, async (request) => {
    await request.session.regenerate(['views']);
    request.session.user = request.body.name;
    return { user: request.body.name };
  });

  app.post('/logout', async (request) => {
    await request.session.destroy();
    return {};
  });

  app.addHook('onClose', () => store.close());
  process.once('SIGTERM', () => app.close());
  const address = await app.listen({ port: Number(process.env.PORT || 3000), host: '127.0.0.1' });
  console.log(`listening on ${address}`);
}

start().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
