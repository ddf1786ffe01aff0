/** Express in TypeScript, with a typed session. `npm install && npm run build && npm start`. */

import type { AddressInfo } from 'node:net';
import connectMongoDBSession from 'connect-mongodb-session';
import express, { type Request } from 'express';
import session from 'express-session';

declare module 'express-session' {
  interface SessionData {
    user: string;
    cart: { item: string; since: Date }[];
  }
}

const MongoDBStore = connectMongoDBSession(session);
const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'typescriptSessions' });
store.on('error', (error) => console.error(error.message));

const app = express();
app.use(session({
  secret: process.env.SESSION_SECRET || 'change this',
  store,
  resave: false,
  saveUninitialized: false,
  cookie: { maxAge: 24 * 60 * 60 * 1000, httpOnly: true, sameSite: 'lax' }
}));
app.use(express.urlencoded({ extended: false }));

function regenerate(request: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    request.session.regenerate((error) => error ? reject(error) : resolve());
  });
}

app.get('/', (req, res) => {
  const cart = req.session.cart ?? [];
  // Dates come back as dates.
  res.json({ user: req.session.user, cart: cart.map(({ item, since }) => ({ item, year: since.getFullYear() })) });
});

app.post('/login', async (req, res) => {
  const { cart } = req.session;
  await regenerate(req);
  req.session.user = String(req.body.name);
  if (cart) req.session.cart = cart;
  res.json({ user: req.session.user });
});

app.post('/cart', (req, res) => {
  req.session.cart = [...req.session.cart ?? [], { item: String(req.body.item), since: new Date() }];
  res.json({ items: req.session.cart.length });
});

app.get('/online', async (_req, res) => {
  res.json({ sessions: await store.length() });
});

const server = app.listen(Number(process.env.PORT || 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

process.once('SIGTERM', () => server.close(() => store.client.close()));
