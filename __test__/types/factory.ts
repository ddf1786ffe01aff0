// What the factory takes, and how the class it makes is constructed.

import { EventEmitter } from 'events';
import session = require('express-session');
import connectMongo = require('connect-mongodb-session');

const MongoDBStore = connectMongo(session);

// Anything that brings a Store class.
connectMongo({ Store: session.Store });
connectMongo({ Store: session.MemoryStore });
connectMongo({ session: { Store: session.Store } });
connectMongo({ Store: function Plain() {} });
connectMongo({ Store: class extends EventEmitter {} });
// @fastify/session 11 declares its classes as if they were instances.
declare class FastifyStore {
  get(sid: string, callback: (err: any, result?: { cookie: object } | null) => void): void;
  set(sid: string, session: { cookie: object }, callback: (err?: any) => void): void;
  destroy(sid: string, callback: (err?: any) => void): void;
}
declare const fastifySession: ((instance: object, options: object, done: () => void) => void) & { Store: FastifyStore; MemoryStore: FastifyStore };
const fastifyStore: connectMongo.MongoDBStore = new (connectMongo(fastifySession))();
// @ts-expect-error An application is no middleware with a Store.
connectMongo({ use() {} });
// @ts-expect-error Options belong to the class.
connectMongo({ uri: 'mongodb://127.0.0.1/test' });
// @ts-expect-error The middleware cannot be left out.
connectMongo();
// @ts-expect-error A Store is a class.
connectMongo({ Store: 'memory' });

// With and without new, with options, a callback, both or nothing.
const options: connectMongo.MongoDBSessionOptions = { uri: 'mongodb://127.0.0.1/test', collection: 'sessions' };
const stores: connectMongo.MongoDBStore[] = [
  new MongoDBStore(),
  new MongoDBStore(options),
  new MongoDBStore(options, () => {}),
  new MongoDBStore(options, (error) => error?.message.toUpperCase()),
  new MongoDBStore(options, (error?: Error) => error),
  new MongoDBStore(options, (error: Error) => error),
  new MongoDBStore(null, (error) => error),
  new MongoDBStore(undefined, undefined),
  new MongoDBStore((error) => error?.cause?.code),
  MongoDBStore(),
  MongoDBStore(options),
  MongoDBStore(options, (error) => error),
  MongoDBStore((error) => error),
  new connectMongo(session)(options)
];
// @ts-expect-error A connection string alone is not enough.
new MongoDBStore('mongodb://127.0.0.1/test');
// @ts-expect-error A callback takes an error.
new MongoDBStore(options, (count: number) => count);
// @ts-expect-error There is nothing after the callback.
new MongoDBStore(options, () => {}, true);
// @ts-expect-error On success there is no error: its message may not be there.
new MongoDBStore(options, (error) => error.message);

// The class as a type.
const Again: typeof connectMongo.MongoDBStore = MongoDBStore;
const Declared: connectMongo.MongoDBStoreConstructor = Again;
const instance: InstanceType<typeof MongoDBStore> = new Declared(options);
const parameters: ConstructorParameters<typeof MongoDBStore> = [options, () => {}];
if (instance instanceof MongoDBStore) instance.clear(() => {});

// It is a session store.
const asStore: session.Store = instance;
session({ secret: 'secret', store: instance });
const created: session.Session & session.SessionData = instance.createSession({} as any, { cookie: new session.Cookie() });

export { asStore, created, fastifyStore, parameters, stores };
