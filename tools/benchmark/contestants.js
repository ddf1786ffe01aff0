'use strict';

/**
 * The stores that are compared. Each is opened with the same server, a collection of its own, and
 * its own defaults; `pool` is the one setting that can be made equal for all.
 *
 * `load` is lazy, so that a process loads the one store it measures and nothing else.
 */

const path = require('path');

const ROOT = path.join(__dirname, '..', '..');
const COLLECTION = 'sessions';

/** Options of the stores with this package's API. */
function ownOptions({ uri, database, pool }) {
  return { uri, databaseName: database, collection: COLLECTION, ...(pool && { connectionOptions: { maxPoolSize: pool } }) };
}

function connectMongo(more) {
  return (session, { uri, database, pool }) => {
    const { MongoStore } = require('connect-mongo');
    const mongoOptions = pool ? { maxPoolSize: pool } : {};
    const store = MongoStore.create({ mongoUrl: uri, dbName: database, collectionName: COLLECTION, mongoOptions, ...more });
    return { store, ready: store.collectionP, close: () => store.close() };
  };
}

/** This package's door with connect-mongo's API. */
function door(more) {
  return (session, { uri, database, pool }) => {
    const Store = require('../../lib/entries/connect-mongo');
    const mongoOptions = pool ? { maxPoolSize: pool } : {};
    const store = Store.create({ mongoUrl: uri, dbName: database, collectionName: COLLECTION, mongoOptions, ...more });
    return { store, ready: store.initialConnectionPromise, close: () => store.close() };
  };
}

/** connect-mongo's option for sessions that are encrypted. */
const ENCRYPTED = { crypto: { secret: 'Squirrel-4-squirrel-2-Squirrel-9!' } };

function own(factory, more) {
  return (session, options) => {
    const Store = factory()(session);
    const store = new Store({ ...ownOptions(options), ...more });
    return { store, ready: store.initialConnectionPromise, close: () => store.client.close() };
  };
}

/** This package: the files that are published, where the environment names their directory, else its sources. */
function thisPackage() {
  return require(process.env.BENCHMARK_PACKAGE ?? '../..');
}

/** What the load generator costs by itself: a store that does nothing but call back later. */
function harness() {
  const sessions = new Map();
  const store = {
    get: (sid, callback) => setImmediate(callback, null, sessions.get(sid)),
    set: (sid, session, callback) => {
      sessions.set(sid, session);
      setImmediate(callback, null);
    },
    touch: (sid, session, callback) => setImmediate(callback, null)
  };
  return { store, ready: Promise.resolve(), close: async () => {} };
}

/**
 * @typedef {object} Contestant
 * @property {string} id for flags and JSON
 * @property {string} label for people
 * @property {null|string} packageName whose version and installed size count; null: none
 * @property {boolean} touches whether the store has `touch`
 * @property {boolean} [encrypts] its sessions can be checked by the store alone, not on the server
 * @property {string[]} [only] operations; it is measured for no others, nor in apps
 * @property {boolean} [byDefault] runs unless others are asked for
 * @property {string[]} [files] which files of the package are installed, where it is this one
 * @property {function(object, {uri: string, database: string, pool?: number}): {store: object, ready: Promise, close: function(): Promise}} open
 *   `session` is express-session
 */

/** @type {Contestant[]} */
const CONTESTANTS = [
  {
    id: 'original',
    label: 'connect-mongodb-session 5',
    packageName: 'connect-mongodb-session-original',
    touches: false,
    byDefault: true,
    open: own(() => require('connect-mongodb-session-original'))
  },
  {
    id: 'connect-mongo',
    label: 'connect-mongo 6',
    packageName: 'connect-mongo',
    touches: true,
    byDefault: true,
    open: connectMongo({})
  },
  {
    id: 'connect-mongo-objects',
    label: 'connect-mongo 6, stringify: false',
    packageName: 'connect-mongo',
    touches: true,
    byDefault: true,
    open: connectMongo({ stringify: false })
  },
  {
    id: 'connect-mongo-crypto',
    label: 'connect-mongo 6, crypto',
    packageName: 'connect-mongo',
    touches: true,
    encrypts: true,
    open: connectMongo(ENCRYPTED)
  },
  {
    id: 'door',
    label: "this package, connect-mongo's API",
    packageName: '..',
    touches: true,
    open: door({})
  },
  {
    id: 'door-crypto',
    label: "this package, connect-mongo's API, crypto",
    packageName: '..',
    touches: true,
    encrypts: true,
    open: door(ENCRYPTED)
  },
  {
    id: 'batching',
    label: 'batching in JavaScript (fixture)',
    packageName: 'mongodb',
    touches: true,
    byDefault: true,
    open: (session, options) => {
      const Store = require('./fixtures/batching-store')(session);
      const store = new Store(ownOptions(options));
      return { store, ready: store.ready, close: () => store.close() };
    }
  },
  {
    id: 'ours',
    label: 'this package',
    packageName: '..',
    touches: true,
    byDefault: true,
    open: own(thisPackage)
  },
  {
    id: 'ours-unbatched',
    label: 'this package, batching: false',
    packageName: '..',
    touches: true,
    open: own(thisPackage, { batching: false })
  },
  {
    id: 'harness',
    label: 'the load generator alone',
    packageName: null,
    touches: true,
    open: harness
  },
  {
    id: 'ours-partial',
    label: 'this package, partialUpdates',
    packageName: '..',
    touches: true,
    byDefault: true,
    only: ['change'],
    open: own(thisPackage, { partialUpdates: true })
  }
];

/**
 * @param {string} id
 * @returns {Contestant}
 * @throws {Error} naming those that there are
 */
function contestant(id) {
  const found = CONTESTANTS.find((one) => one.id === id);
  if (!found) throw new Error(`there is no contestant "${id}"; there are ${CONTESTANTS.map((one) => one.id).join(', ')}`);
  return found;
}

/** @returns {boolean} whether a contestant is measured for an operation of the command line */
function does({ touches, only }, operation) {
  return only ? only.includes(operation) : touches || operation !== 'touch';
}

/** @returns {string} the directory of a contestant's package */
function packageRoot({ packageName }) {
  return packageName === '..' ? ROOT : path.join(ROOT, 'node_modules', packageName);
}

/** @returns {null|string} what exactly is measured */
function versionOf(one) {
  if (one.packageName === null) return null;
  const { name, version } = require(path.join(packageRoot(one), 'package.json'));
  return `${name} ${version}`;
}

module.exports = { COLLECTION, CONTESTANTS, contestant, does, packageRoot, versionOf };
