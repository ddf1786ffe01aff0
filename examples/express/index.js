'use strict';

/**
 * Runs the example: `npm start`.
 *
 * MONGODB_URI     the MongoDB to use; without it a real mongod is started, and thrown away at the end
 * PORT            the port to listen on; without it 3000, or any free one when that is taken
 * SESSION_SECRET  signs the session cookie; without it one is made and kept in the database
 */

const crypto = require('node:crypto');
const { once } = require('node:events');
const http = require('node:http');
const session = require('express-session');
const MongoDBStore = require('connect-mongodb-session')(session);
const { withMongod } = require('../../tools/mongod');
const { createApp } = require('./app');
const { OpenPages } = require('./open-pages');

const CLOSE_WITHIN_MS = 5000;

async function main() {
  const ended = endOnSignal();
  // A replica set of one, because a standalone server does not tell what other servers of the shop do.
  const own = process.env.MONGODB_URI ? {} : { replicaSet: 'example', members: 1 };
  await withMongod(own, (mongod) => serve(mongod, ended));
}

async function serve({ uri, external }, ended) {
  const store = new MongoDBStore({
    uri,
    collection: 'exampleSessions',
    // For the page "Your devices": whose a session is, when it was used, and that it ends everywhere at once.
    user: (data) => data.user,
    timestamps: true,
    watch: true,
    // A request that is under way does not bring back what was ended meanwhile.
    preventResurrection: true
  });
  // Without a listener, a failed operation would be nobody's: it would end the process.
  store.on('error', (error) => console.error(`Session store: ${error.message}`));
  try {
    await store.initialConnectionPromise;
    const secret = process.env.SESSION_SECRET || await keptSecret(store);
    const openPages = new OpenPages(store);
    const server = await listen(createApp({ store, secret, openPages }), process.env.PORT);
    const { port } = server.address();
    console.log(`Leaf & Kettle is open at http://localhost:${port}/ (user demo, password demo)`);
    console.log(external ? 'Sessions are in the MongoDB of MONGODB_URI.' : 'Sessions are in a mongod of its own, until it stops.');
    console.log('Press Ctrl+C to stop.');
    await ended;
    await close(server, openPages);
  } finally {
    await store.client.close();
  }
}

/** A secret that outlives a restart, as the sessions do. In production, give one in SESSION_SECRET. */
async function keptSecret(store) {
  const settings = store.db.collection('exampleSettings');
  const made = crypto.randomBytes(32).toString('hex');
  const { value } = await settings.findOneAndUpdate(
    { _id: 'sessionSecret' },
    { $setOnInsert: { value: made } },
    { upsert: true, returnDocument: 'after' }
  );
  return value;
}

/** Listens on the given port, or else on 3000 or any that is free. For this machine only. */
async function listen(app, port) {
  const candidates = port === undefined || port === '' ? [3000, 0] : [Number(port)];
  for (const candidate of candidates) {
    const server = http.createServer(app);
    server.listen(candidate, '127.0.0.1');
    try {
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || candidate === candidates.at(-1)) throw error;
    }
  }
}

/** Answers the requests that are under way, and no more. */
async function close(server, openPages) {
  const late = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
  server.close();
  openPages.close();
  server.closeIdleConnections();
  await once(server, 'close');
  clearTimeout(late);
}

/** Resolves at the first signal to end; the second one ends the process as if nobody listened. */
function endOnSignal() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
