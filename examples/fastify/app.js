'use strict';

/** Fastify with express-session, through `@fastify/express`. `npm install && npm start`. */

const fastify = require('fastify');
const session = require('express-session');
const MongoDBStore = require('connect-mongodb-session')(session);

const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'fastifySessions' });
store.on('error', (error) => console.error(error.message));

/** Calls a method of the session that takes a callback. */
function done(target, method) {
  return new Promise((resolve, reject) => {
    target[method]((error) => error ? reject(error) : resolve());
  });
}

async function start() {
  const app = fastify();
  await app.register(require('@fastify/express'));
  app.use(session({
    secret: process.env.SESSION_SECRET || 'change this',
    store,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 24 * 60 * 60 * 1000, httpOnly: true, sameSite: 'lax' }
  }));

  // Express' middleware works on the raw request: that is where the session is.
  app.get('/', async ({ raw }) => {
    raw.session.views = (raw.session.views ?? 0) + 1;
    return { user: raw.session.user, views: raw.session.views };
  });

  app.post('/login', { schema: { body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } }, async ({ raw, body }) => {
    const { views } = raw.session;
    await done(raw.session, 'regenerate');
    Object.assign(raw.session, { user: body.name, views });
    return { user: body.name };
  });

  app.post('/logout', async ({ raw }) => {
    await done(raw.session, 'destroy');
    return {};
  });

  app.addHook('onClose', () => store.client.close());
  process.once('SIGTERM', () => app.close());
  const address = await app.listen({ port: Number(process.env.PORT || 3000), host: '127.0.0.1' });
  console.log(`listening on ${address}`);
}

start().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
