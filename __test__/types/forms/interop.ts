// CommonJS with esModuleInterop.

import session from 'express-session';
import connectMongo, { MongoDBStore } from 'connect-mongodb-session';
import * as namespace from 'connect-mongodb-session';
import required = require('connect-mongodb-session');
import { MongoClient } from 'connect-mongodb-session/driver';

const Store = connectMongo(session);
const store: MongoDBStore = new Store();
const viaNamespace: MongoDBStore = new (namespace.default(session))();
const viaRequire: MongoDBStore = new (required(session))();
// @ts-expect-error With esModuleInterop a namespace is an object, here as in the running program.
namespace(session);

async function dynamic(): Promise<MongoDBStore> {
  const factory = (await import('connect-mongodb-session')).default;
  return new (factory(session))();
}

const client: MongoClient = store.client;

export { client, dynamic, viaNamespace, viaRequire };
