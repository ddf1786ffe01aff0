// The store's client in an application with the package mongodb.

import session = require('express-session');
import connectMongo = require('connect-mongodb-session');
import mongodb = require('mongodb');
import { Collection, Db, FindCursor, MongoClient, MongoServerError } from 'connect-mongodb-session/driver';

const store = new (connectMongo(session))();

// What takes the package's takes ours, and the other way round.
const client: mongodb.MongoClient = store.client;
const db: mongodb.Db = store.db;
const collection: mongodb.Collection<any> = store.collection;
const back: [MongoClient, Db, Collection<any>] = [client, db, collection];
const connected: Promise<mongodb.MongoClient | undefined> = store.initialConnectionPromise;
const made: mongodb.MongoClient = new MongoClient('mongodb://127.0.0.1/test', { poolSize: 5, appName: 'app' });
class Mine extends MongoClient {}
const mine: mongodb.MongoClient = new Mine('mongodb://127.0.0.1/test');
const stubbed: mongodb.MongoClient['connect'] = MongoClient.prototype.connect;
// @ts-expect-error There is no such option.
new MongoClient('mongodb://127.0.0.1/test', { appname: 5 });
// @ts-expect-error Collections come from databases.
new Collection();

async function everything(): Promise<unknown> {
  const bucket = new mongodb.GridFSBucket(store.db);
  await store.client.withSession((clientSession) => clientSession.withTransaction(async () => {
    await store.collection.updateOne({ _id: 'sid' }, { $set: { 'session.user': null } }, { session: clientSession });
  }));
  const stream: mongodb.ChangeStream = store.collection.watch();
  const { insertedCount } = await store.collection.bulkWrite([{ deleteOne: { filter: { _id: 'sid' } } }]);
  const cookie: session.Cookie | undefined = (await store.collection.findOne({ _id: 'sid' }))?.session.cookie;
  store.client.on('commandStarted', ({ commandName }) => commandName.toUpperCase());
  const cursor: FindCursor<any> = store.collection.find().addCursorFlag('noCursorTimeout', true);
  const count: number = await store.collection.countDocuments({ 'session.user': 'ada' });
  // @ts-expect-error There is no such method.
  store.collection.findNone();
  return [bucket, stream, insertedCount, cookie, await cursor.toArray(), count, await store.db.admin().serverStatus()];
}

function failures(error: unknown): unknown {
  return error instanceof MongoServerError ? error.code : undefined;
}

export { back, collection, connected, everything, failures, made, mine, stubbed };
