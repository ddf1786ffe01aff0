'use strict';

/** Stores of the door and of connect-mongo itself, side by side, on collections of one database. */

const { default: ConnectMongo } = require('connect-mongo');
const { MongoClient } = require('mongodb');
const Door = require('../../lib/entries/connect-mongo');
const { mongoUri, uniqueName } = require('../support/server');

/**
 * Call within `describe`. Stores are closed after each test, the database is dropped at the end.
 *
 * @returns {Doors}
 */
function useDoors() {
  const doors = new Doors();
  before(() => doors.start());
  afterEach(() => doors.close());
  after(() => doors.stop());
  return doors;
}

class Doors {
  constructor() {
    this.opened = [];
    this.collection = undefined;
  }

  async start() {
    this.databaseName = uniqueName('door');
    this.uri = await mongoUri(this.databaseName);
    this.witness = await MongoClient.connect(this.uri);
  }

  async stop() {
    await this.witness.db().dropDatabase();
    await this.witness.close();
  }

  async close() {
    await Promise.all(this.opened.splice(0).map((store) => store.close()));
  }

  /** A store of the door, on a collection of its own if `options` names none. */
  open(options) {
    return this.#open(Door, options);
  }

  /** One of connect-mongo. */
  openTheirs(options) {
    return this.#open(ConnectMongo, options);
  }

  /** Both, on one collection. */
  openBoth(options) {
    const collectionName = uniqueName('c');
    return [this.open({ collectionName, ...options }), this.openTheirs({ collectionName, ...options })];
  }

  #open(Store, options = {}) {
    const place = options.client || options.clientPromise ? {} : { mongoUrl: this.uri };
    const store = Store.create({ ...place, collectionName: uniqueName('c'), ...options });
    this.opened.push(store);
    return store;
  }

  /** The Node driver's collection behind a store. */
  rows(store) {
    return this.witness.db().collection(store.options.collectionName);
  }
}

/** Calls a method with a callback; what it got. */
function called(store, method, ...args) {
  return new Promise((resolve) => store[method](...args, (...got) => resolve(got)));
}

/** Calls a method with a callback; its result. */
async function ask(store, method, ...args) {
  const [error, value] = await called(store, method, ...args);
  if (error) throw error;
  return value;
}

module.exports = { ask, called, useDoors };
