// The recipe for hono-sessions.

import { Hono } from 'hono';
import { Session, SessionData, sessionMiddleware, Store } from 'hono-sessions';
import mongoStore = require('connect-mongodb-session/koa');

const sessions = mongoStore({ uri: 'mongodb://127.0.0.1/test' });
const save = (id: string, data: SessionData) => sessions.set(id, data, 86_400_000);
const store: Store = {
  getSessionById: (id) => id === undefined ? null : sessions.get(id),
  createSession: save,
  persistSessionData: save,
  deleteSession: (id) => sessions.destroy(id)
};

const app = new Hono<{ Variables: { session: Session<{ user: string }> } }>();
app.use('*', sessionMiddleware({ store, expireAfterSeconds: 86_400 }));
app.get('/', (context) => context.text(context.get('session').get('user') ?? 'nobody'));

export { app };
