// An ES module, resolved as Node does.

import session from 'express-session';
import connectMongo, { type MongoDBSessionOptions, type MongoDBStore } from 'connect-mongodb-session';
import { MongoClient, ObjectId } from 'connect-mongodb-session/driver';
import MongoStore, { MongoStore as Door } from 'connect-mongodb-session/connect-mongo';
import required = require('connect-mongodb-session');

const options: MongoDBSessionOptions = { expires: 1000 };
const store: MongoDBStore = new (connectMongo(session))(options);
const viaRequire: MongoDBStore = new (required(session))(options);
const { default: factory } = await import('connect-mongodb-session');
const dynamic: MongoDBStore = new (factory(session))(options);
const client: MongoClient = store.client;
const id: string = new ObjectId().toHexString();

const doors: Door[] = [MongoStore.create({}), new Door({})];

export { client, doors, dynamic, id, viaRequire };
