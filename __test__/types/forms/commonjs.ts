// CommonJS without esModuleInterop.

import session = require('express-session');
import MongoDBStore = require('connect-mongodb-session');
import * as connectMongo from 'connect-mongodb-session';
import * as driver from 'connect-mongodb-session/driver';
import { MongoDBStore as NamedStore, MongoDBSessionOptions } from 'connect-mongodb-session';
// @ts-expect-error There is no default export without esModuleInterop.
import defaultImport from 'connect-mongodb-session';

const options: MongoDBSessionOptions = { collection: 'sessions' };
const required: NamedStore = new (MongoDBStore(session))(options);
const star: MongoDBStore.MongoDBStore = new (connectMongo(session))(options);
const inline: NamedStore = new MongoDBStore(session)(options);

async function dynamic(): Promise<NamedStore> {
  const imported = await import('connect-mongodb-session');
  return new (imported(session))(options);
}

const client: driver.MongoClient = required.client;

export { client, defaultImport, dynamic, inline, star };
