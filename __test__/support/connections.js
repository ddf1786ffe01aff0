'use strict';

/** Servers started with options of their own, and connections of the package and of the Node driver to them. */

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const mongodb = require('mongodb');
const impl = require('./impl');
const { startMongod } = require('../../tools/mongod');

/** How long no refusal may take in these tests, whatever the reason: on a busy machine, half of what it takes by default. */
const BOUNDED_MS = 15_000;

/**
 * Call within `describe`: starts a server before its tests and stops it afterwards.
 *
 * @param {object|function(): object} options of `startMongod`; a function is called when it starts
 * @returns {object} the server, once it is started
 */
function useServer(options = {}) {
  let server;
  before('start a server', async function start() {
    this.timeout(60_000);
    server = await startMongod({ own: true, ...(typeof options === 'function' ? options() : options) });
  });
  after('stop the server', () => server?.stop());
  return new Proxy({}, {
    get: (_, name) => {
      const value = server[name];
      return typeof value === 'function' ? value.bind(server) : value;
    },
    set: () => false
  });
}

/**
 * Call within `describe`: closes what was opened after each test.
 *
 * @returns {Connections}
 */
function useConnections() {
  const connections = new Connections();
  afterEach('close connections', () => connections.closeAll());
  return connections;
}

class Connections {
  constructor() {
    this.opened = [];
  }

  /**
   * Makes a store, without waiting for it.
   *
   * @returns {object} the store; throws what its constructor throws
   */
  open(uri, connectionOptions = {}) {
    const Store = impl.factory(expressSession);
    const store = new Store({ uri, connectionOptions, collection: 'sessions' }, () => {});
    this.opened.push(store.client);
    return store;
  }

  /**
   * A store that is connected.
   *
   * @param {string} uri
   * @param {object} [connectionOptions]
   * @param {object} [storeOptions] others of the store
   * @returns {Promise<object>} rejects with what the store calls back with
   */
  store(uri, connectionOptions = {}, storeOptions = {}) {
    return new Promise((resolve, reject) => {
      const Store = impl.factory(expressSession);
      const options = { uri, connectionOptions, collection: 'sessions', ...storeOptions };
      const store = new Store(options, (error) => (error ? reject(error) : resolve(store)));
      store.on('error', () => {});
      this.opened.push(store.client);
    });
  }

  /** The Node driver, connected. */
  async node(uri, options = {}) {
    const client = new mongodb.MongoClient(uri, options);
    this.opened.push(client);
    return client.connect();
  }

  /**
   * Connects a store and uses it for a session.
   *
   * @returns {Promise<object>} the store
   */
  async works(uri, connectionOptions) {
    const store = await this.store(uri, connectionOptions);
    await roundTrip(store);
    return store;
  }

  /**
   * The driver's error of a store that cannot connect, within {@link BOUNDED_MS}.
   *
   * @returns {Promise<Error>}
   */
  async refused(uri, connectionOptions) {
    const started = Date.now();
    const error = await failure(this.store(uri, connectionOptions));
    const took = Date.now() - started;
    assert.ok(took < BOUNDED_MS, `it took ${took} ms to say ${error.message}`);
    if (impl.isOriginal || !error.cause) return error;
    assert.equal(error.message, `Error connecting to db: ${error.cause.message}`);
    return error.cause;
  }

  /** What the Node driver says where a store is refused. */
  nodeRefused(uri, options) {
    return failure(this.node(uri, options));
  }

  async closeAll() {
    await Promise.all(this.opened.splice(0).map((client) => client.close()));
  }
}

/** @returns {Promise<Error>} what a promise that must not be fulfilled rejects with */
async function failure(promise) {
  return promise.then(
    () => assert.fail('expected an error, but it worked'),
    (error) => {
      if (error instanceof assert.AssertionError) throw error;
      return error;
    }
  );
}

/** Writes a session and reads it. */
async function roundTrip(store, id = 'a-session') {
  await setSession(store, id);
  assert.equal((await getSession(store, id)).user, 'someone');
}

function setSession(store, id) {
  const session = { user: 'someone', cookie: { originalMaxAge: 60_000, expires: new Date(Date.now() + 60_000) } };
  return new Promise((resolve, reject) => store.set(id, session, (error) => (error ? reject(error) : resolve())));
}

function getSession(store, id) {
  return new Promise((resolve, reject) => {
    store.get(id, (error, session) => (error ? reject(error) : resolve(session)));
  });
}

module.exports = { BOUNDED_MS, failure, getSession, roundTrip, setSession, useConnections, useServer };
