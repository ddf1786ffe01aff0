// The classes of connect-mongodb-session/driver, in an application without the package mongodb.

import session = require('express-session');
import connectMongo = require('connect-mongodb-session');
import {
  Collection, Db, Decimal128, FindCursor, MongoBulkWriteError, MongoClient, MongoError, MongoNetworkError, MongoServerError,
  ObjectId
} from 'connect-mongodb-session/driver';

interface User {
  _id: string;
  name: string;
  age?: number;
  tags: string[];
}

const store = new (connectMongo(session))();
const client = new MongoClient('mongodb://127.0.0.1/test', { maxPoolSize: 5 });
const db: Db = client.db('app', { readPreference: 'secondary' });
const users: Collection<User> = db.collection<User>('users');
const untyped: Collection = db.collection('anything');
// @ts-expect-error A client needs a connection string.
new MongoClient();
// @ts-expect-error Databases come from clients.
new Db(client, 'app');

async function reads(): Promise<unknown> {
  const user: User | null = await users.findOne({ name: /^A/, age: { $gte: 18 }, tags: 'admin' });
  const cursor: FindCursor<User> = users.find({ $or: [{ name: 'Ada' }, { 'address.city': 'London' }] }).sort({ name: 1 }).skip(1).limit(10);
  for await (const { name } of cursor) name.toUpperCase();
  const names: string[] = await users.find().map(({ name }) => name).toArray();
  const next: { name: string } | null = await users.find().project<{ name: string }>({ name: 1 }).batchSize(5).next();
  await users.find({}).forEach((each) => each.age === undefined);
  const ages: Array<number | undefined> = await users.distinct('age');
  const count: number = (await users.countDocuments({ age: 1 })) + (await users.estimatedDocumentCount());
  const groups: Array<{ total: number }> = await users.aggregate<{ total: number }>([{ $group: { _id: null } }]).toArray();
  // @ts-expect-error Ages are numbers.
  users.find({ age: 'old' });
  // @ts-expect-error There may be no such user.
  const always: User = await users.findOne({ _id: 'ada' });
  return [user, names, next, ages, count, groups, always];
}

async function writes(): Promise<unknown> {
  const { insertedId } = await untyped.insertOne({ any: 'thing' });
  const made: { insertedId: string; acknowledged: boolean } = await users.insertOne({ _id: 'ada', name: 'Ada', tags: [] });
  const { insertedIds } = await users.insertMany([{ name: 'Bob', tags: [] }], { ordered: false });
  const { matchedCount, modifiedCount, upsertedCount, upsertedId } = await users.updateOne({ _id: 'ada' }, { $set: { age: 36 } }, { upsert: true });
  const id: string | null = upsertedId;
  await users.updateMany({}, [{ $set: { age: { $add: ['$age', 1] } } }]);
  await users.replaceOne({ _id: 'ada' }, { name: 'Ada', tags: ['admin'] });
  const { deletedCount } = await users.deleteMany({ age: { $lt: 18 } });
  await users.deleteOne({ _id: 'ada' });
  const before: User | null = await users.findOneAndUpdate({ _id: 'ada' }, { $inc: { age: 1 } }, { returnDocument: 'after' });
  const reply: { value: User | null; ok: number } = await users.findOneAndDelete({ _id: 'ada' }, { includeResultMetadata: true });
  await users.findOneAndReplace({ _id: 'ada' }, { name: 'Ada', tags: [] });
  // @ts-expect-error Ages are numbers.
  await users.updateOne({}, { $set: { age: 'old' } });
  // @ts-expect-error A user has a name.
  await users.insertOne({ tags: [] });
  return [insertedId, made, insertedIds, matchedCount, modifiedCount, upsertedCount, id, deletedCount, before, reply];
}

async function administration(): Promise<unknown> {
  const index: string = await users.createIndex({ name: 1 }, { unique: true, expireAfterSeconds: 60 });
  const indexes: string[] = await users.createIndexes([{ key: { age: -1 }, name: 'age' }]);
  const names: string[] = (await users.indexes()).map(({ name }) => name);
  await users.dropIndex('age');
  const collections: string[] = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  const { ok } = await db.command({ ping: 1 });
  await db.admin().ping();
  const dropped: boolean = (await users.drop()) && (await db.dropDatabase());
  const same: MongoClient = await client.connect();
  await client.close();
  return [index, indexes, names, collections, ok, dropped, same];
}

// What a store holds.
async function onTheStore(): Promise<number> {
  await store.collection.updateOne({ _id: 'sid' }, { $set: { 'session.user': null } });
  const stored = await store.collection.findOne({ _id: 'sid' });
  const cookie: session.Cookie | undefined = stored?.session.cookie;
  await store.collection.createIndex({ 'session.user': 1 });
  return (await store.collection.countDocuments({ 'session.user': 'ada' })) + Number(cookie !== undefined);
}

function failures(error: unknown): string | number | undefined {
  if (error instanceof MongoBulkWriteError) return error.result.insertedCount;
  if (error instanceof MongoServerError) return error.code === 11000 ? error.codeName : error.keyValue?.['name'];
  if (error instanceof MongoNetworkError && error.hasErrorLabel('RetryableWriteError')) return error.errmsg;
  return error instanceof MongoError ? error.code : undefined;
}

const price: Decimal128 = Decimal128.fromString('1.10');
const id: ObjectId = ObjectId.createFromHexString('0123456789abcdef01234567');
// @ts-expect-error Change streams need the package.
users.watch();
// @ts-expect-error So do transactions.
client.withSession(async () => {});

export { administration, failures, id, onTheStore, price, reads, writes };
