'use strict';

/* global afterAll, beforeAll, expect, jest */

// Jest runs this file in a context with an Error, a Date and an Object of its own. Whatever the store
// gives must be an instance of those, and it must take what comes from another context.

const vm = require('node:vm');
const session = require('express-session');
const connectMongoDBSession = require('connect-mongodb-session');
const driver = require('connect-mongodb-session/driver');

const MongoDBStore = connectMongoDBSession(session);

describe('in a context of its own', () => {
  let store;

  beforeAll(async () => {
    store = new MongoDBStore({ uri: process.env.TEST_URI, collection: 'realm' });
    await store.initialConnectionPromise;
  });

  afterAll(() => store.client.close());

  const called = (method, ...args) => new Promise((resolve) => {
    store[method](...args, (error, value) => resolve({ error, value }));
  });

  async function stored(data) {
    await store.set('sid', { cookie: {}, data });
    return (await store.get('sid')).data;
  }

  test('sessions are objects, arrays and dates of this context', async () => {
    const { value } = await (await called('set', 'own', { cookie: {}, at: new Date(5), list: [{ a: 1 }] }), called('get', 'own'));
    expect(value).toBeInstanceOf(Object);
    expect(value.at).toBeInstanceOf(Date);
    expect(value.list).toBeInstanceOf(Array);
    expect(value).toEqual({ cookie: {}, at: new Date(5), list: [{ a: 1 }] });
  });

  test('so are those that express-session loads', async () => {
    const cookie = new session.Cookie({ maxAge: 60000 });
    await store.set('loaded', { cookie, views: 1 });
    const { value } = await called('load', 'loaded');
    expect(value).toBeInstanceOf(session.Session);
    expect(value.cookie.expires).toBeInstanceOf(Date);
  });

  test('dates, expressions, maps and objects of another context are stored as such', async () => {
    const foreign = vm.runInNewContext('({ at: new Date(7), like: /a/i, map: new Map([["k", 1]]), list: [1, { deep: new Date(8) }] })');
    expect(foreign.at).not.toBeInstanceOf(Date);
    const data = await stored(foreign);
    expect(data).toEqual({ at: new Date(7), like: /a/i, map: { k: 1 }, list: [1, { deep: new Date(8) }] });
    expect(data.list[1].deep).toBeInstanceOf(Date);
  });

  test('a cookie that expires at another context\'s date expires then', async () => {
    const expires = vm.runInNewContext('new Date(Date.now() - 1000)');
    await store.set('past', { cookie: { expires } });
    expect(await store.get('past')).toBeUndefined();
    await store.set('future', { cookie: { expires: vm.runInNewContext('new Date(Date.now() + 60000)') } });
    expect(await store.get('future')).toBeDefined();
  });

  test('binary data comes back as Binary', async () => {
    const data = await stored({ buffer: Buffer.from('abc'), bytes: new Uint8Array([1, 2]), foreign: vm.runInNewContext('new Uint8Array([3])') });
    for (const [name, bytes] of Object.entries({ buffer: [97, 98, 99], bytes: [1, 2], foreign: [3] })) {
      expect(data[name]).toBeInstanceOf(driver.Binary);
      expect([...data[name].buffer]).toEqual(bytes);
    }
    expect(data.buffer.buffer).toBeInstanceOf(Uint8Array);
  });

  test('BSON classes keep their class', async () => {
    const id = new driver.ObjectId();
    const data = await stored({ id, price: driver.Decimal128.fromString('1.5') });
    expect(data.id).toBeInstanceOf(driver.ObjectId);
    expect(data.id.equals(id)).toBe(true);
    expect(data.price.toString()).toBe('1.5');
  });

  test('a refused id is a TypeError of this context', async () => {
    const { error } = await called('get', { $ne: null });
    expect(error).toBeInstanceOf(TypeError);
    await expect(store.destroy(1)).rejects.toBeInstanceOf(TypeError);
  });

  test('an option that cannot be cast throws an Error of this context', () => {
    let thrown;
    try {
      new MongoDBStore({ expires: 'abc' });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown.name).toBe('CastError');
  });

  test('options of another context are options', async () => {
    const options = vm.runInNewContext('(uri) => ({ uri, collection: "realm", connectionOptions: { maxPoolSize: 2 } })')(process.env.TEST_URI);
    const other = new MongoDBStore(options);
    await other.initialConnectionPromise;
    expect(other.options.collection).toBe('realm');
    await other.client.close();
  });

  test('an error of the server is a MongoServerError and an Error of this context', async () => {
    const failure = await store.db.command({ noSuchCommand: 1 }).catch((error) => error);
    expect(failure).toBeInstanceOf(driver.MongoServerError);
    expect(failure).toBeInstanceOf(Error);
    expect(failure.codeName).toBe('CommandNotFound');
  });

  test('a store that cannot connect gives an Error of this context, with its cause', async () => {
    const error = await new Promise((resolve) => {
      new MongoDBStore({ uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200' }, resolve);
    });
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toMatch(/^Error connecting to db: /);
    expect(error.cause).toBeInstanceOf(driver.MongoServerSelectionError);
  });

  test('a store is an event emitter', () => {
    expect(store).toBeInstanceOf(require('node:events').EventEmitter);
    expect(store).toBeInstanceOf(session.Store);
  });

  test('methods can be replaced by mocks', async () => {
    const findOne = jest.spyOn(store.collection, 'findOne').mockRejectedValue(new Error('mocked'));
    try {
      const { error } = await called('get', 'sid');
      expect(error.message).toBe('Error finding sid: mocked');
      expect(findOne).toHaveBeenCalledWith({ _id: 'sid' });
    } finally {
      findOne.mockRestore();
    }
  });
});
