// A CommonJS module, resolved as Node does.

import session = require('express-session');
import connectMongo = require('connect-mongodb-session');
import driver = require('connect-mongodb-session/driver');

const store: connectMongo.MongoDBStore = new (connectMongo(session))();
const client: driver.MongoClient = store.client;
// @ts-expect-error Only what the package exports can be imported.
import('connect-mongodb-session/lib/store');

export = client;
