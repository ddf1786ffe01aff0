// Applications written for the types that were a package of their own, `@types/connect-mongodb-session`: its names, and
// the ways in which it is used.

import session = require('express-session');
import ConnectMongoDBSession = require('connect-mongodb-session');
import { MongoDBSessionOptions, MongoDBStore } from 'connect-mongodb-session';

const options: ConnectMongoDBSession.MongoDBSessionOptions = { uri: 'mongodb://127.0.0.1/test', collection: 'sessions' };
const same: MongoDBSessionOptions = options;

const Store = ConnectMongoDBSession(session);
const store: ConnectMongoDBSession.MongoDBStore = new Store(same, (error: Error) => console.error(error));
const named: MongoDBStore = store;
const Class: typeof ConnectMongoDBSession.MongoDBStore = Store;
const again: ReturnType<typeof ConnectMongoDBSession> = Class;
const instance: InstanceType<typeof ConnectMongoDBSession.MongoDBStore> = new again(options);
const factory: (middleware: typeof session) => typeof ConnectMongoDBSession.MongoDBStore = ConnectMongoDBSession;

class Derived extends Store {
  constructor(connection?: MongoDBSessionOptions, callback?: (error: Error) => void) {
    super(connection, callback);
  }

  override all(callback: (err: any, obj?: session.SessionData[] | { [sid: string]: session.SessionData } | null) => void): void {
    super.all(callback);
  }
}

named.on('error', (error: Error) => error.message);
named.get('sid', (err: any, found?: session.SessionData | null) => [err, found?.cookie]);
named.set('sid', { cookie: new session.Cookie() }, (err?: any) => err);
named.destroy('sid');
named.clear();
named.all((err: any, obj?: session.SessionData[] | { [sid: string]: session.SessionData } | null) => [err, obj]);
session({ secret: 'secret', store: instance });
const closed: Promise<void> = store.client.close();

export { Derived, closed, factory };
