'use strict';

/** A store that watches in this process, and another process that works on the same sessions. */

const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const expressSession = require('express-session');
const { MongoClient } = require('mongodb');
const impl = require('../support/impl');
const { useServer } = require('../support/connections');
const { FAIL_POINTS } = require('../support/fail-point');
const { eventually } = require('../support/stores');

const EVENTS = ['create', 'update', 'set', 'touch', 'destroy', 'expire', 'error'];
/** MongoDB looks for expired documents every second here; by default it does so every minute. */
const TTL_EVERY_SECOND = ['--setParameter', 'ttlMonitorSleepSecs=1'];
const MINUTE_MS = 60_000;

/** The other process: opens a store, and calls its methods as it is asked to. */
class Elsewhere {
  /** @param {object} options of its store */
  constructor(options) {
    this.child = fork(path.join(__dirname, 'elsewhere.js'), [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.ready = once(this.child, 'message');
    this.calls = new Map();
    this.child.on('message', ({ number, result, error }) => {
      const { resolve, reject } = this.calls.get(number) ?? {};
      if (error) reject(new Error(error));
      else resolve?.(result);
    });
  }

  /** @returns {Promise<*>} what the store's method gave there */
  async call(method, ...args) {
    await this.ready;
    const number = this.calls.size;
    return new Promise((resolve, reject) => {
      this.calls.set(number, { resolve, reject });
      this.child.send({ number, method, args });
    });
  }

  async stop() {
    const ended = once(this.child, 'exit');
    if (this.child.connected) this.child.disconnect();
    await ended;
  }
}

/** What the listeners of a store hear, in order: `event id`. */
class Heard {
  constructor(store) {
    this.list = [];
    this.errors = [];
    this.details = [];
    for (const event of EVENTS) {
      store.on(event, (subject, details) => {
        if (event === 'error') return this.errors.push(subject);
        this.list.push(`${event} ${subject}`);
        if (details?.key !== undefined) this.details.push(details);
      });
    }
  }

  /** @returns {Promise<string[]>} all of it, once `last` is among it */
  async until(last, timeoutMS) {
    await eventually(() => this.list.includes(last), timeoutMS).catch((error) => {
      error.message += `\nheard: ${this.list.join(', ')}\nerrors: ${this.errors.join(', ')}`;
      throw error;
    });
    return this.list;
  }
}

/**
 * Call within `describe`: a replica set of one, and what was opened closed after each test.
 *
 * @returns {Fleet}
 */
function useFleet() {
  const server = useServer({ replicaSet: 'watched', members: 1, args: [...FAIL_POINTS, ...TTL_EVERY_SECOND] });
  const fleet = new Fleet(server);
  before('connect the witness', () => fleet.start());
  afterEach('close what was opened', () => fleet.closeAll());
  after('disconnect the witness', () => fleet.witness?.close());
  return fleet;
}

class Fleet {
  constructor(server) {
    this.server = server;
    this.opened = [];
    this.serial = 0;
  }

  async start() {
    this.witness = await MongoClient.connect(this.server.uri);
  }

  /** The options of a store on a collection of its own. */
  options(more = {}) {
    return { uri: this.server.uri, databaseName: 'watched', collection: `c${++this.serial}`, ...more };
  }

  /** @returns {object} a store that watches, not connected yet */
  open(options, callback = undefined) {
    const Store = impl.factory(expressSession);
    const store = new Store({ ...options, watch: true }, callback);
    this.opened.push(store);
    return store;
  }

  /** @returns {Promise<object>} a store that watches, connected */
  async watching(options) {
    const store = this.open(options);
    await store.initialConnectionPromise;
    return store;
  }

  /** @returns {Elsewhere} a process of its own with a store */
  elsewhere(options) {
    const elsewhere = new Elsewhere(options);
    this.opened.push({ close: () => elsewhere.stop() });
    return elsewhere;
  }

  /** The Node driver's collection behind a store's options. */
  rows({ databaseName, collection }) {
    return this.witness.db(databaseName).collection(collection);
  }

  /** @returns {Promise<object[]>} the change streams that the server has open on a collection */
  async streams(collection) {
    const cursors = await this.witness.db('admin').aggregate([
      { $currentOp: { allUsers: true, idleCursors: true, localOps: true } }
    ]).toArray();
    const isStream = (operation) => {
      const command = operation.cursor?.originatingCommand;
      return command?.aggregate === collection && command.pipeline?.[0]?.$changeStream !== undefined;
    };
    return cursors.filter(isStream);
  }

  /** There is one; while it gets an answer and waits for the next one, the server may list it twice or not at all. */
  untilOneStream(collection) {
    return eventually(async () => (await this.streams(collection)).length === 1);
  }

  /** @returns {Promise<object[]>} what is connected to the server by this name */
  connections(appName) {
    return this.witness.db('admin').aggregate([
      { $currentOp: { allUsers: true, idleConnections: true } }, { $match: { appName } }
    ]).toArray();
  }

  async closeAll() {
    await Promise.all(this.opened.splice(0).map((each) => each.close()));
  }
}

/** A session that lasts for a minute, in a form that may be sent to another process. */
function sessionOf(more = {}, lastsMS = MINUTE_MS) {
  return { cookie: { originalMaxAge: lastsMS, expires: new Date(Date.now() + lastsMS).toISOString(), path: '/' }, ...more };
}

/** Asserts that something was heard once, or so many times. */
function assertTimes(heard, what, times) {
  assert.equal(heard.list.filter((one) => one === what).length, times, `${what} among ${heard.list.join(', ')}`);
}

module.exports = { Heard, assertTimes, sessionOf, useFleet };
