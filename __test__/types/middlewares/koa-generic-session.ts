// The store in an application on koa-generic-session.

import Koa = require('koa');
import session = require('koa-generic-session');
import mongoStore = require('connect-mongodb-session/koa');

const app = new Koa();
const store = mongoStore({ uri: 'mongodb://127.0.0.1/test', degrade: true });
app.use(session({ store, ttl: 60_000, rolling: true, cookie: { maxAge: 3_600_000 } }));
const asTheirs: session.SessionStore = store;

export { asTheirs };
