// Methods with callbacks and with promises, and events.

import { promisify } from 'util';
import session = require('express-session');
import connectMongo = require('connect-mongodb-session');

declare module 'express-session' {
  interface SessionData {
    views?: number;
    user?: { name: string };
  }
}

const store = new (connectMongo(session))();
const cookie = new session.Cookie();

// An application's own session data is known.
store.get('sid', (err, found) => {
  const views: number | undefined = found?.views;
  // @ts-expect-error A name is text.
  const name: number | undefined = found?.user?.name;
  // @ts-expect-error There may be no session.
  const always: session.SessionData = found;
  if (err) throw err;
  return { always, name, views };
});
store.set('sid', { cookie, views: 1, user: { name: 'Ada' } }, (err) => err);
// @ts-expect-error Views are counted.
store.set('sid', { cookie, views: 'many' });
// @ts-expect-error A session has a cookie.
store.set('sid', { views: 1 });
// @ts-expect-error The application declares no such data.
store.set('sid', { cookie, wiews: 1 });

const many: Promise<void> = store.destroy(['a', 'b']);
const deleted: Promise<number> = store.destroyWhere({ 'session.user.name': 'Ada' });
const ids: Promise<string[]> = store.ids();
const closed: Promise<void> = store.close();
store.ids((err, found) => found?.map((id) => id.length));
store.destroyWhere({ 'session.views': { $gt: 7 } }, (err, count) => count?.toFixed());
export const beyond = [many, deleted, ids, closed];

// Users, and sessions that are found.
const devices: Promise<connectMongo.FoundSession[]> = store.sessionsOf('ada', { except: 'sid' });
const loggedOut: Promise<number> = store.destroyUser(7, { only: ['a', 'b'] });
store.destroyUser('ada', (err, count) => count?.toFixed());
store.sessionsOf('ada', {}, (err, found) => found?.map(({ id, session: { views }, expires }) => [id, views, expires?.getTime()]));
// @ts-expect-error An operator is no user.
store.destroyUser({ $ne: null });
// @ts-expect-error The option is called except.
store.destroyUser('ada', { exept: 'sid' });
export async function newest(): Promise<Date | undefined> {
  for await (const { updated } of store.find({ 'session.views': 7 }, { sort: { updatedAt: -1 }, limit: 1 })) return updated;
  // @ts-expect-error Sessions come as they are asked for.
  return store.find().length;
}
store.on('expire', (sid) => sid.length);
export const users = [devices, loggedOut];

// With a callback nothing is returned.
const nothing: void[] = [
  store.get('sid', () => {}),
  store.set('sid', { cookie }, () => {}),
  store.touch('sid', { cookie }, () => {}),
  store.destroy('sid', () => {}),
  store.clear(() => {}),
  store.all(() => {}),
  store.length(() => {})
];
// @ts-expect-error With a callback there is no promise.
store.destroy('sid', () => {}).then();
// @ts-expect-error Ids are strings.
store.get(1, () => {});
// @ts-expect-error Ids are strings, not filters.
store.destroy({ $ne: null });

// Without one a promise is.
async function promises(): Promise<unknown[]> {
  const found: session.SessionData | undefined = await store.get('sid');
  const user: string | undefined = (await store.get('sid', undefined))?.user?.name;
  await store.set('sid', { cookie, views: 2 });
  await store.touch('sid', { cookie });
  const gone: void = await store.destroy('sid');
  await store.clear();
  const stored: connectMongo.StoredSession[] = await store.all();
  const views: number | undefined = stored[0]?.session.views;
  const expires: Date | undefined = stored[0]?.expires;
  const count: number = await store.length();
  // @ts-expect-error There may be no session.
  const always: session.SessionData = await store.get('sid');
  return [found, user, gone, views, expires, count, always];
}

// A callback that may be missing.
function passOn(done?: (err?: any) => void, got?: connectMongo.GetCallback): void | Promise<void> {
  store.get('sid', got);
  return store.destroy('sid', done);
}

// Callbacks declared in the ways applications do.
store.get('sid', (err: any, data?: session.SessionData | null) => [err, data]);
store.get('sid', function(err: Error, data) { return [err, data]; });
store.all((err, sessions) => sessions?.map(({ _id, session: data, expires }) => [_id, data.user, expires]));
store.all((err: any, obj?: session.SessionData[] | { [sid: string]: session.SessionData } | null) => obj);
store.length((err, count) => count?.toFixed());
const read: (sid: string) => Promise<session.SessionData | null | undefined> = promisify(store.get.bind(store));
const remove: (sid: string) => Promise<void> = promisify(store.destroy.bind(store));

// Events.
store.on('connected', () => {}).on('error', (error) => {
  const message: string = error.message;
  const details: [unknown, string | undefined, string[] | undefined] = [error.cause?.code, error.cause?.codeName, error.cause?.errorLabels];
  return [message, details];
}).once('error', (error: Error) => error.stack).once('connected', () => {});
store.off('error', console.error).removeListener('connected', () => {}).addListener('error', () => {});
store.on('error', (error: string) => error);
store.on('disconnect', () => {});
const heard: boolean = store.emit('error', new Error('seen'));
const count: number = store.listenerCount('error');
// @ts-expect-error A listener is a function.
store.on('error', true);
// @ts-expect-error An error has a message, which is text.
store.on('error', (error) => error.message.toFixed());
store.on('expire', (sid, elsewhere) => sid === elsewhere?.storedId).off('update', (sid, elsewhere) => elsewhere?.key);
store.on('set', (sid) => sid.toUpperCase()).once('destroy', (sid) => sid.length);
store.on('touch', (sid, touched) => [sid.length, touched.cookie.originalMaxAge]);
// @ts-expect-error The id of a session is text.
store.on('set', (sid) => sid.toFixed());

// Numbers.
const slow: number | undefined = store.stats().operations.get?.p99MS;
const slowest: number | undefined = store.stats().operations.get?.histogram[0]?.upToMS;
const pending: number = store.stats().pending;
// @ts-expect-error They are numbers.
const counted: string = store.stats().operations.get.count;

// Properties.
const connected: Promise<void> = store.initialConnectionPromise.then((client) => client?.close());
const name: string = store.collection.collectionName;
const database: string = store.db.databaseName;

export { connected, count, counted, database, heard, name, nothing, passOn, pending, promises, read, remove, slow, slowest };
