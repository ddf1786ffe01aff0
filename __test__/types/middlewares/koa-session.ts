// The store in an application on koa-session.

import Koa = require('koa');
import { createSession } from 'koa-session';
import mongoStore = require('connect-mongodb-session/koa');

const app = new Koa();
const store: mongoStore.MongoDBKoaStore = mongoStore({ uri: 'mongodb://127.0.0.1/test', touchAfter: 60 });
const made = new mongoStore({ collection: 'sessions' }, (error) => error?.message);
app.use(createSession({ store, maxAge: 86_400_000, rolling: true }, app));
app.use(createSession({ store: made, maxAge: 'session' }, app));

async function use(): Promise<unknown> {
  await store.set('sid', { user: 'ada' }, 60_000, { ctx: app.context, changed: true, rolling: false });
  const { user } = await store.get('sid');
  await store.destroy('sid');
  const closed: Promise<void> = store.close();
  // @ts-expect-error It promises, and takes no callback.
  store.get('sid', (error: unknown) => error);
  // @ts-expect-error Options are checked.
  mongoStore({ url: 'mongodb://127.0.0.1/test' });
  return [user, closed, await store.collection.countDocuments(), store.stats().pending, store.on('connected', () => {})];
}

export { use };
