'use strict';

/** Stores of the implementation under test on a database of their own, and the Node driver as a witness. */

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const expressSession = require('express-session');
const mongodb = require('mongodb');
const impl = require('./impl');
const { mongoUri } = require('./server');

/**
 * Call within `describe`. The database is dropped and every client closed afterwards.
 *
 * @returns {Stores}
 */
function useStores() {
  const stores = new Stores();
  before('connect to MongoDB', () => stores.start());
  afterEach('close the stores', () => stores.closeAll());
  after('drop the database', () => stores.stop());
  return stores;
}

class Stores {
  constructor() {
    this.opened = [];
    this.serial = 0;
  }

  async start() {
    this.databaseName = `t_${process.pid}_${crypto.randomBytes(4).toString('hex')}`;
    /** The URI of this suite's database. */
    this.uri = await mongoUri(this.databaseName);
    this.witness = await new mongodb.MongoClient(this.uri).connect();
    /** The Node driver's view of the database. */
    this.db = this.witness.db(this.databaseName);
  }

  async stop() {
    await this.db.dropDatabase();
    await this.witness.close();
  }

  /**
   * Construct a store and return at once. `uri` and a fresh `collection` are filled in.
   *
   * @param {object} [options] store options
   * @param {Function} [callback] of the constructor
   */
  open(options = {}, callback = undefined) {
    const Store = impl.factory(expressSession);
    const all = { uri: this.uri, collection: `c${++this.serial}`, ...options };
    return this.track(callback ? new Store(all, callback) : new Store(all));
  }

  /** Construct a store and wait until it is connected; an error while connecting rejects. */
  async connected(options) {
    return await new Promise((resolve, reject) => {
      const store = this.open(options, error => error ? reject(error) : resolve(store));
    });
  }

  /** Close this store's client after the test. */
  track(store) {
    this.opened.push(store);
    return store;
  }

  async closeAll() {
    await Promise.all(this.opened.splice(0).map(async store => {
      // A test may have made connecting fail on purpose.
      await store.initialConnectionPromise.catch(() => {});
      await store.client.close();
    }));
  }

  /** The Node driver's collection behind a store. */
  rows(store) {
    return this.witness.db(store.db.databaseName).collection(store.options.collection);
  }
}

/**
 * Call a method with a callback.
 *
 * @returns {Promise<{args: any[], error: any, value: any, returned: any, sync: boolean}>} what the
 *   callback got, what the call returned, and whether the callback ran before the call returned
 */
async function call(store, method, ...args) {
  let returned;
  let sync = true;
  const got = await new Promise(resolve => {
    returned = store[method](...args, (...values) => resolve({ args: values, sync }));
    sync = false;
  });
  return { ...got, error: got.args[0], value: got.args[1], returned };
}

/** Like `call`, but an error rejects and the value is returned. */
async function ask(store, method, ...args) {
  const { error, value } = await call(store, method, ...args);
  if (error) {
    throw error;
  }
  return value;
}

/** Call a method that must fail; the error. */
async function refusal(store, method, ...args) {
  const { error } = await call(store, method, ...args);
  assert.ok(error instanceof Error, `${method} was expected to call back with an error`);
  return error;
}

/**
 * Repeat until `probe` returns something truthy.
 *
 * @param {() => any} probe may be async
 * @param {number} [timeoutMS] default 15,000: a busy machine is slow, and only what never happens takes longer
 * @returns {Promise<any>} what it returned; rejects when it stays falsy
 */
async function eventually(probe, timeoutMS = 15_000) {
  const deadline = Date.now() + timeoutMS;
  for (;;) {
    const value = await probe();
    if (value) {
      return value;
    }
    assert.ok(Date.now() < deadline, `not within ${timeoutMS} ms: ${probe}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Assert that a time lies within `toleranceMS` (default 5,000) of another. */
function assertNear(actual, expected, toleranceMS = 5000) {
  assert.ok(actual instanceof Date, `expected a Date, got ${actual}`);
  const off = Math.abs(actual.getTime() - Number(expected));
  assert.ok(off <= toleranceMS, `${actual.toISOString()} is ${off} ms off`);
}

module.exports = { useStores, call, ask, refusal, eventually, assertNear };
