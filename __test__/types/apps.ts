// What applications wrote for the types that DefinitelyTyped has for version 5: it must go on compiling.

import session, { type SessionOptions } from 'express-session';
import ConnectMongoDBSession, { type MongoDBSessionOptions, type MongoDBStore } from 'connect-mongodb-session';
import { default as renamed } from 'connect-mongodb-session';

const Store = ConnectMongoDBSession(session);
const store = new Store({ uri: process.env['MONGO_URI'] as string, collection: 'sessions' });

// The class and its instances, annotated.
const Annotated: typeof MongoDBStore = ConnectMongoDBSession(session);
const annotated: MongoDBStore = new Annotated({ uri: process.env['DB_URI']!, collection: 'sessions' });

class App {
  private store: ConnectMongoDBSession.MongoDBStore;

  constructor() {
    this.store = new Store({ uri: 'mongodb://127.0.0.1/admin', collection: 'adminSessions' });
    this.store.on('error', (error) => console.log(error));
  }
}

// Options, annotated.
const config: MongoDBSessionOptions = {
  uri: process.env['DB_URI']!,
  collection: process.env['SESSIONS']!,
  expires: process.env['NODE_ENV'] === 'production' ? 1000 * 60 * 25 : 1000 * 60 * 60,
  idField: 'sessionId'
};
const qualified: ConnectMongoDBSession.MongoDBSessionOptions = { ...config, databaseName: 'app', expiresKey: '_ts', expiresAfterSeconds: 60 };
const cosmos = new (renamed(session))({ ...qualified, connectionOptions: { tls: true, retryWrites: false } });

// Callbacks and listeners.
new Store(config, (error) => {
  if (error) console.error(error.message);
});
new Store(config, function(error: Error) {
  console.error(error);
});
store.on('error', (error: string) => console.log(error));
store.on('error', function(error) {
  console.log(error);
});
store.once('connected', () => console.log('connected'));

// express-session's options.
const sessionOptions: SessionOptions = {
  secret: process.env['SECRET'] || 'some secret',
  resave: false,
  saveUninitialized: true,
  cookie: { maxAge: 1000 * 60 * 60 * 24 * 7 },
  store
};
session(sessionOptions);
session({ secret: 'secret', resave: true, saveUninitialized: false, store: annotated });

// The store's methods.
store.get('sid', (err, found) => {
  if (err) console.error(err.code);
  if (found) console.log(found.cookie.maxAge);
});
store.set('sid', { cookie: new session.Cookie() });
store.destroy('sid', (err) => console.log(err));
store.clear();
store.all((err, sessions) => console.log(err, sessions));
const closed: Promise<void> = store.client.close();
store.client.db('app').collection('sessions').deleteMany({ 'session.user': 'ada' });

export { App, closed, cosmos };
