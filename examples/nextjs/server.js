'use strict';

/** Next.js with a custom server that gives pages and API routes a session. `npm install && npm run build && npm start`. */

const { createServer } = require('node:http');
const session = require('express-session');
const next = require('next');
const MongoDBStore = require('connect-mongodb-session')(session);

const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'nextSessions' });
store.on('error', (error) => console.error(error.message));

const sessions = session({
  secret: process.env.SESSION_SECRET || 'change this',
  store,
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 24 * 60 * 60 * 1000, httpOnly: true, sameSite: 'lax' }
});

async function main() {
  const app = next({ dev: false, dir: __dirname });
  const handle = app.getRequestHandler();
  await app.prepare();
  const server = createServer((req, res) => {
    // What Next.js serves from its build needs no session.
    if (req.url.startsWith('/_next/')) return handle(req, res);
    sessions(req, res, (error) => {
      if (!error) return handle(req, res);
      console.error(error.message);
      res.writeHead(503).end('The sessions are away. Please try again in a moment.');
    });
  });
  server.listen(process.env.PORT || 3000, '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
  });
  process.once('SIGTERM', () => {
    server.close(async () => {
      await app.close();
      await store.client.close();
      process.exit();
    });
    server.closeIdleConnections();
  });
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
