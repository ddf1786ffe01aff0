// An ES module, resolved as bundlers do; options that are undefined are given as such.

import session from 'express-session';
import connectMongo, { type MongoDBStore } from 'connect-mongodb-session';
import MongoStore from 'connect-mongodb-session/connect-mongo';
import type { Collection } from 'connect-mongodb-session/driver';

const store: MongoDBStore = new (connectMongo(session))({
  uri: process.env['MONGODB_URI'],
  expires: undefined,
  connectionOptions: { maxPoolSize: undefined }
});
const { default: factory } = await import('connect-mongodb-session');
const dynamic: MongoDBStore = factory(session)();
const collection: Collection<any> = store.collection;

const door: MongoStore = MongoStore.create({ mongoUrl: process.env['MONGODB_URI'] });

export { collection, door, dynamic };
