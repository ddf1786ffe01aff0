// The store with next-session.

import nextSession from 'next-session';
import { expressSession, promisifyStore } from 'next-session/lib/compat';
import connectMongoDBSession = require('connect-mongodb-session');

const MongoDBStore = connectMongoDBSession(expressSession);
const store = new MongoDBStore({ uri: 'mongodb://127.0.0.1/test' });
const getSession = nextSession<{ user: string }>({ store: promisifyStore(store), touchAfter: 60 });

export { getSession };
