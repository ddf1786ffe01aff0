'use strict';

/** Sessions that connect-mongo encrypted: read through the door and through the store, saved anew in this package's format. */

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const { EJSON } = require('bson');
const expressSession = require('express-session');
const { createKrupteinAdapter } = require('connect-mongo');
const Door = require('../../lib/entries/connect-mongo');
const factory = require('../../index');
const versions = require('./versions/versions.json');
const { ask, called, useDoors } = require('./doors');
const { secret, session, vectors } = require('./kruptein.json');

const expires = new Date('2099-12-01T00:00:00.000Z');
const plain = (value) => JSON.parse(JSON.stringify(value));

describe('sessions that connect-mongo encrypted', () => {
  const doors = useDoors();
  const stores = [];

  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));

  /** A store of this package without the door, on the collection of one of the door. */
  function ours({ options: { collectionName } }, crypto) {
    const store = new (factory(expressSession))({ uri: doors.uri, collection: collectionName, crypto }, () => {});
    stores.push(store);
    return store;
  }

  for (const version of Object.keys(vectors)) {
    for (const stringify of version.startsWith('3.0') ? [true, false] : [true]) {
      it(`are read, touched, and saved in this package's format: kruptein ${version}, stringify: ${stringify}`, async () => {
        const store = doors.open({ crypto: { secret }, stringify });
        const ways = Object.keys(vectors[version]);
        await doors.rows(store).insertMany(ways.map((way) => ({ _id: way, expires, session: vectors[version][way] })));
        for (const way of ways) assert.deepEqual(plain(await ask(store, 'get', way)), session, way);
        assert.equal((await ask(store, 'all')).length, ways.length);
        const [way] = ways;
        const later = new Date('2100-01-01T00:00:00.000Z');
        await ask(store, 'touch', way, { ...session, cookie: { ...session.cookie, expires: later } });
        const touched = await ask(store, 'get', way);
        assert.deepEqual([new Date(touched.cookie.expires), touched.passport], [later, session.passport]);
        await ask(store, 'set', way, { ...touched, visits: 2 });
        const stored = await doors.rows(store).findOne({ _id: way });
        assert.equal(stored.session.buffer.subarray(0, 3).toString(), 'cms');
        assert.equal((await ask(store, 'get', way)).visits, 2);
      });
    }
  }

  for (const version of Object.keys(versions)) {
    for (const way of Object.keys(versions[version].sessions).filter((each) => each.startsWith('encrypted'))) {
      it(`are read: ${way}, by connect-mongo ${version}`, async () => {
        const store = doors.open({ crypto: { secret: 'Squirrel-4-squirrel-2-Squirrel-9!' } });
        await doors.rows(store).insertOne({ ...EJSON.deserialize(versions[version].sessions[way].document), expires });
        const read = plain(await ask(store, 'get', 'sid'));
        assert.deepEqual([read.passport, read.cart, read.since], [{ user: 'ada' }, [{ id: 1, count: 2 }], '2020-02-20T20:20:20.000Z']);
        assert.equal(read.cookie.expires, expires.toISOString());
      });
    }
  }

  it('are read that connect-mongo 6 writes now, in whatever form', async () => {
    const ways = [{}, { stringify: false }, { serialize: (data) => ({ ...data }), unserialize: (stored) => JSON.parse(stored) }];
    for (const options of ways) {
      const [store, theirs] = doors.openBoth({ crypto: { secret }, ...options });
      await ask(theirs, 'set', 'a', session);
      assert.deepEqual(plain(await ask(store, 'get', 'a')), plain(await ask(theirs, 'get', 'a')));
    }
  });

  it('are read by a store with crypto.connectMongo, beside another secret', async () => {
    const before = doors.open({ autoRemove: 'disabled' });
    await doors.rows(before).insertOne({ _id: 'a', expires, session: vectors['3.0.8']['a text'] });
    const store = ours(before, { secret: Buffer.alloc(32, 7), connectMongo: ['another', secret], required: true });
    assert.deepEqual(plain(await store.get('a')), session);
    await store.set('a', session);
    const again = ours(before, { secret: Buffer.alloc(32, 7), required: true });
    assert.deepEqual(plain(await again.get('a')), session);
    assert.doesNotMatch(inspect(store, { depth: 9 }), /quirrel/);
    assert.doesNotMatch(JSON.stringify(store.options), /quirrel/);
  });

  for (const [what, crypto, message] of [
    ['a wrong secret', { secret: 'Squirrel-4-squirrel-2-Squirrel-8!' }, /^the stored session cannot be decrypted: connect-mongo encrypted it with a secret that is not in crypto\.connectMongo, or it was changed$/],
    ['no encryption at all', undefined, /^the stored session is a string that is not JSON; connect-mongo stores encrypted ones so$/]
  ]) {
    it(`are errors and never sessions with ${what}`, async () => {
      const store = doors.open({ crypto });
      await doors.rows(store).insertOne({ _id: 'a', expires, session: vectors['3.0.8']['a text'] });
      const got = await called(store, 'get', 'a');
      assert.equal(got.length, 1);
      assert.match(got[0].message, message);
      assert.match((await called(store, 'all'))[0].message, /^a: /);
    });
  }

  for (const [options, message] of [
    [{ algorithm: 'aes-256-cbc' }, /^crypto: algorithm must be 'aes-256-gcm': others of connect-mongo are not read here; got 'aes-256-cbc'$/],
    [{ hashing: 'md5' }, /^crypto: hashing must be 'sha256', 'sha384', 'sha512'/], [{ key_size: 16 }, /^crypto: key_size must be 32/],
    [{ rounds: 1 }, /^crypto: has no `rounds`/]
  ]) {
    it(`are not lost unseen: ${JSON.stringify(options)} is refused`, () => {
      assert.throws(() => Door.create({ mongoUrl: 'mongodb://127.0.0.1', crypto: { secret, ...options } }), { name: 'CastError', message });
    });
  }

  for (const connectMongo of [7, '', [], [Buffer.alloc(8)]]) {
    it(`crypto.connectMongo is refused: ${inspect(connectMongo)}`, () => {
      const Store = factory(expressSession);
      assert.throws(() => new Store({ crypto: { secret, connectMongo } }), { name: 'CastError', message: /^crypto: connectMongo must / });
    });
  }

  it('are read with createKrupteinAdapter, which stands for the option crypto', async () => {
    const store = doors.open({ cryptoAdapter: Door.createKrupteinAdapter({ secret }) });
    await doors.rows(store).insertOne({ _id: 'a', expires, session: vectors['3.0.8']['a text'] });
    assert.deepEqual(plain(await ask(store, 'get', 'a')), session);
    assert.throws(() => Door.createKrupteinAdapter({}), { name: 'TypeError', message: 'createKrupteinAdapter requires a non-empty secret' });
    const adapter = Door.createKrupteinAdapter({ secret });
    for (const method of ['encrypt', 'decrypt']) await assert.rejects(adapter[method]('text'), /is for the option cryptoAdapter/);
    assert.doesNotMatch(inspect(adapter), /quirrel/);
  });

  it('by its createKrupteinAdapter, which the door takes as any cryptoAdapter', async () => {
    const [store, theirs] = doors.openBoth({ cryptoAdapter: createKrupteinAdapter({ secret }) });
    await ask(theirs, 'set', 'a', session);
    assert.deepEqual(plain(await ask(store, 'get', 'a')), session);
  });
});
