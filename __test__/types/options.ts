// Store options and connection options.

import { readFileSync } from 'fs';
import session = require('express-session');
import connectMongo = require('connect-mongodb-session');
import { MongoClientOptions, ObjectId, ReadPreference, ServerApiVersion } from 'mongodb';

const MongoDBStore = connectMongo(session);

new MongoDBStore({
  uri: process.env['MONGODB_URI'],
  collection: 'sessions',
  databaseName: 'app',
  expires: 1000 * 60,
  idField: 'sid',
  expiresKey: '_ts',
  expiresAfterSeconds: 60 * 60 * 24 * 14,
  connectionOptions: { serverSelectionTimeoutMS: 10000 },
  batching: false,
  autoRemove: 'interval',
  autoRemoveInterval: 5,
  createIndexes: false,
  touchAfter: 60 * 60,
  partialUpdates: true,
  preventResurrection: true,
  watch: true
});
new MongoDBStore({
  expires: (stored) => (stored.admin ? 60_000 : undefined),
  touchAfter: Infinity,
  timestamps: true,
  user: (stored) => stored.passport?.user,
  userField: 'owner',
  maxSessionsPerUser: 5,
  maxLifetime: { ms: 12 * 60 * 60 * 1000, keepOnRegenerate: true }
});
new MongoDBStore({ user: () => new ObjectId(), maxLifetime: 60_000 });
// @ts-expect-error A path is no function.
new MongoDBStore({ user: 'passport.user' });
// @ts-expect-error Whose it is has to be found again.
new MongoDBStore({ user: () => ({ name: 'ada' }) });
// @ts-expect-error Yes or no.
new MongoDBStore({ watch: 'yes' });
// @ts-expect-error There are three ways.
new MongoDBStore({ autoRemove: 'sometimes' });
new MongoDBStore({ uri: undefined, collection: undefined, databaseName: null, connectionOptions: null });
// @ts-expect-error The option is called uri.
new MongoDBStore({ url: 'mongodb://127.0.0.1/test' });
// @ts-expect-error The option is called collection.
new MongoDBStore({ uri: 'mongodb://127.0.0.1/test', collections: 'sessions' });
// @ts-expect-error Milliseconds are a number.
new MongoDBStore({ expires: '1 day' });
// @ts-expect-error It belongs into connectionOptions.
new MongoDBStore({ serverSelectionTimeoutMS: 1000 });
new MongoDBStore({ crypto: { secret: ['a passphrase', readFileSync('key')], required: true } });
new MongoDBStore({ hashIds: true, transformId: (id) => `sess:${id}`, serialize: JSON.stringify, unserialize: (text) => JSON.parse(text) });
// @ts-expect-error An id is text.
new MongoDBStore({ transformId: (id) => id.length });
// @ts-expect-error A number is no secret.
new MongoDBStore({ crypto: { secret: 7 } });

// What applications give as connectionOptions.
const connections: connectMongo.ConnectionOptions[] = [
  { useNewUrlParser: true, useUnifiedTopology: true },
  { tls: true, tlsCAFile: 'ca.pem', tlsAllowInvalidCertificates: true },
  { ssl: true, sslValidate: true, sslCA: [readFileSync('ca.pem')], sslCert: 'PEM', sslKey: readFileSync('key.pem') },
  { ca: readFileSync('ca.pem'), cert: ['PEM'], key: 'PEM', passphrase: 'secret' },
  { auth: { username: 'user', password: 'secret' }, authSource: 'admin', authMechanism: 'SCRAM-SHA-256' },
  { authMechanism: 'MONGODB-AWS', authMechanismProperties: { AWS_SESSION_TOKEN: 'token' } },
  {
    authMechanism: 'MONGODB-AWS',
    authMechanismProperties: { AWS_CREDENTIAL_PROVIDER: async () => ({ accessKeyId: 'id', secretAccessKey: 'secret', expiration: new Date() }) }
  },
  { serverApi: '1' },
  { serverApi: { version: '1', strict: true, deprecationErrors: true } },
  { serverApi: ServerApiVersion.v1 },
  { readPreference: 'secondaryPreferred', readPreferenceTags: [{ dc: 'east' }], maxStalenessSeconds: 120 },
  { readPreference: ReadPreference.nearest, readConcern: { level: 'majority' }, w: 'majority', wtimeoutMS: 500 },
  { compressors: ['zstd', 'zlib'], zlibCompressionLevel: 6, family: 4, directConnection: true },
  { compressors: 'snappy,zlib', maxPoolSize: 10, minPoolSize: 1, poolSize: 5, socketTimeoutMS: 45000 }
];
// @ts-expect-error There is no such option.
connections.push({ maxPoolsize: 5 });
// @ts-expect-error An account has a secret.
connections.push({ authMechanismProperties: { AWS_CREDENTIAL_PROVIDER: async () => ({ accessKeyId: 'id' }) } });
// @ts-expect-error The mode is misspelt.
connections.push({ readPreference: 'secundary' });
// @ts-expect-error Milliseconds are a number.
connections.push({ connectTimeoutMS: '10s' });
// @ts-expect-error Client-side encryption needs a client of one's own.
connections.push({ autoEncryption: { keyVaultNamespace: 'keys.vault', kmsProviders: {} } });

// Options of the Node driver fit as a whole.
declare const clientOptions: MongoClientOptions;
new MongoDBStore({ connectionOptions: clientOptions });

// A store tells the options it works with.
const { options } = new MongoDBStore();
const text: string[] = [options.uri, options.collection, options.idField, options.expiresKey];
const numbers: number[] = [options.expires, options.expiresAfterSeconds];
const databaseName: string | null = options.databaseName;
// @ts-expect-error The default is the database of the uri: null.
const alwaysNamed: string = options.databaseName;

export { alwaysNamed, databaseName, numbers, text };
