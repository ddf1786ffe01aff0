// connect-mongo's door, as its applications use it.

import session = require('express-session');
import MongoStore = require('connect-mongodb-session/connect-mongo');
import { ConnectMongoOptions, createWebCryptoAdapter, CryptoAdapter, MongoStore as Named } from 'connect-mongodb-session/connect-mongo';
import { MongoClient } from 'mongodb';

const options: ConnectMongoOptions = {
  mongoUrl: process.env['MONGODB_URI'],
  mongoOptions: { maxPoolSize: 5, tls: true },
  dbName: 'app',
  ttl: 3600,
  touchAfter: 24 * 3600,
  autoRemove: 'interval',
  autoRemoveInterval: 10,
  writeOperationOptions: { w: 'majority' },
  crypto: { secret: 'squirrel', algorithm: 'aes-256-gcm' }
};
const store: MongoStore = MongoStore.create(options);
const named: Named = new Named({ clientPromise: MongoClient.connect('mongodb://127.0.0.1'), stringify: false, timestamps: true });
const base: session.Store = store;
const middleware = session({ secret: 'cat', store });

interface Data extends session.SessionData {
  theme?: string;
}
const typed = MongoStore.create<Data>({
  client: new MongoClient('mongodb://127.0.0.1'),
  serialize: (data) => ({ ...data, theme: data.theme?.trim() }),
  unserialize: (stored) => stored,
  transformId: (sid) => `sess:${sid}`
});
typed.get('sid', (error, found) => [error, found?.theme?.trim()]);
const adapter: CryptoAdapter = createWebCryptoAdapter({ secret: 'squirrel', encoding: 'hex' });

async function use(): Promise<number> {
  const collection = await typed.collectionP;
  const document = await collection.findOne({ _id: 'sid' });
  document?.lastModified?.getTime();
  const found: Data | null = await typed.get('sid');
  store.all((error, sessions) => [error, sessions]);
  store.set('sid', { cookie: new session.Cookie() }, (error) => error);
  store.clear();
  await store.close();
  return found === null ? store.length() : 0;
}

// @ts-expect-error Options are checked.
MongoStore.create({ mongourl: 'mongodb://127.0.0.1' });
// @ts-expect-error Seconds are numbers.
MongoStore.create({ ttl: '1h' });

export { adapter, base, middleware, named, use };
