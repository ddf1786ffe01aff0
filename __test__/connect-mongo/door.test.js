'use strict';

/** connect-mongo's door: what its users see, beside connect-mongo 6 itself. */

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const { EJSON } = require('bson');
const { Cookie, Store } = require('express-session');
const mongoose = require('mongoose');
const { MongoClient } = require('mongodb');
const Door = require('../../lib/entries/connect-mongo');
const { ask, called, useDoors } = require('./doors');

const DAY_MS = 86_400_000;

function session(more) {
  const cookie = new Cookie({ expires: new Date('2099-12-01T00:00:00.000Z'), sameSite: 'lax' });
  cookie.originalMaxAge = DAY_MS;
  return { cookie, passport: { user: 'ada' }, cart: [{ id: 1, count: 2 }], since: new Date('2020-02-20T20:20:20.000Z'), ...more };
}
const asJson = (value) => (value === undefined ? 'undefined' : JSON.parse(JSON.stringify(value)));
const CLOCK = ['lastModified', 'createdAt', 'updatedAt'];
/** Without the dates of now. */
const withoutClock = (value) => JSON.parse(JSON.stringify(value, (key, inner) => (CLOCK.includes(key) ? 'a date' : inner)));

describe('connect-mongo\'s door', () => {
  const doors = useDoors();

  /** What a store calls back, emits and stores in the course of some calls. */
  async function courseOf(store, witness) {
    const course = [];
    for (const event of ['get', 'all', 'create', 'update', 'set', 'touch', 'destroy']) {
      store.on(event, (...args) => course.push([event, ...args.map(asJson)]));
    }
    const calls = [
      ['get', 'none'], ['all'], ['set', 'a', session()], ['get', 'a'], ['set', 'a', session({ n: 2 })], ['set', 'b', session()], ['all'],
      ['touch', 'a', session({ n: 2 })], ['length'], ['destroy', 'b'], ['destroy', 'none'], ['length'], ['clear'], ['length']
    ];
    for (const [method, ...args] of calls) {
      const got = await called(store, method, ...args);
      // Events of theirs come before the callback, ours too; by then the listeners of both have heard them.
      await new Promise(setImmediate);
      const documents = await witness.find().sort({ _id: 1 }).toArray();
      course.push([`${method}:`, ...got.map(asJson), documents.map((each) => EJSON.serialize(each))]);
    }
    return withoutClock(course);
  }

  const WAYS = {
    'by default': {}, 'with stringify: false': { stringify: false }, 'with touchAfter': { touchAfter: 60 },
    'with timestamps': { timestamps: true },
    'with transformId': { transformId: (sid) => `sess:${sid}` },
    'with serialize': { serialize: ({ cookie, ...data }) => ({ ...data, expires: cookie.expires }) },
    'with unserialize': { unserialize: (stored) => ({ ...stored, read: true }) },
    'with a cryptoAdapter': { cryptoAdapter: { encrypt: async (text) => `x${text}`, decrypt: async (text) => text.slice(1) } }
  };
  for (const [way, options] of Object.entries(WAYS)) {
    it(`calls back, emits and stores what connect-mongo does: ${way}`, async () => {
      const [ours, theirs] = [doors.open(options), doors.openTheirs(options)];
      const expected = await courseOf(theirs, doors.rows(theirs));
      assert.deepEqual(await courseOf(ours, doors.rows(ours)), expected);
      assert.ok(expected.length > 20);
    });

    it(`works on one collection with connect-mongo: ${way}`, async () => {
      const [ours, theirs] = doors.openBoth(options);
      await ask(ours, 'set', 'ours', session());
      await ask(theirs, 'set', 'theirs', session());
      for (const sid of ['ours', 'theirs']) {
        const [one, other] = [await ask(ours, 'get', sid), await ask(theirs, 'get', sid)];
        assert.deepEqual(asJson(one), asJson(other));
        assert.deepEqual(one.cart, session().cart);
      }
      await ask(ours, 'touch', 'theirs', session({ cookie: new Cookie({ expires: new Date('2100-01-01T00:00:00.000Z') }) }));
      assert.equal((await ask(theirs, 'get', 'theirs')).passport.user, 'ada');
    });
  }

  for (const stringify of [true, false]) {
    it(`reads texts and documents, whatever it writes: stringify: ${stringify}`, async () => {
      const store = doors.open({ stringify });
      const expires = new Date('2099-12-01T00:00:00.000Z');
      const [text, document] = [JSON.stringify(session()), { ...session(), cookie: session().cookie.toJSON() }];
      await doors.rows(store).insertMany([{ _id: 'text', expires, session: text }, { _id: 'document', expires, session: document }]);
      for (const sid of ['text', 'document']) assert.deepEqual(asJson((await ask(store, 'get', sid)).cart), session().cart);
      assert.equal((await ask(store, 'all')).length, 2);
      for (const sid of ['text', 'document']) await ask(store, 'set', sid, session());
      const types = (await doors.rows(store).find().toArray()).map((each) => typeof each.session);
      assert.deepEqual(types, stringify ? ['string', 'string'] : ['object', 'object']);
    });
  }

  it('is express-session\'s Store, made by create or by new', () => {
    const options = { mongoUrl: doors.uri, autoRemove: 'disabled' };
    for (const store of [doors.open(options), new Door({ ...options })]) {
      assert.ok(store instanceof Store);
      assert.ok(store instanceof Door);
      store.close();
    }
  });

  it('exports what every version of connect-mongo does', () => {
    assert.equal(Door.default, Door);
    assert.equal(Door.MongoStore, Door);
    assert.equal(Door.name, 'MongoStore');
  });

  it('has the options with their defaults, and shows none of their secrets', async () => {
    const [ours, theirs] = doors.openBoth({ ttl: 60, crypto: undefined });
    const shownOf = ({ options }) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined).sort());
    assert.deepEqual(shownOf(ours), shownOf(theirs));
    const store = new Door({ mongoUrl: 'mongodb://ada:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=1', crypto: { secret: 'hunter2' }, mongoOptions: { tlsCertificateKeyFilePassword: 'hunter2' } });
    store.on('error', () => {});
    assert.doesNotMatch(inspect(store, { depth: 9 }), /hunter2/);
    assert.equal(store.options.crypto.secret, 'hunter2');
    await store.close();
  });

  it('uses the database of the connection string, or the one that dbName says', async () => {
    const named = `${doors.databaseName}_named`;
    const [own, other] = [doors.open(), doors.open({ dbName: named })];
    assert.equal((await own.collectionP).dbName, doors.databaseName);
    assert.equal((await other.collectionP).dbName, named);
    await doors.witness.db(named).dropDatabase();
  });

  it('makes the expiry index before collectionP is fulfilled, unless autoRemove says otherwise', async () => {
    const indexesOf = async (store) => (await (await store.collectionP).indexes()).map(({ name }) => name);
    const store = doors.open();
    assert.deepEqual(await indexesOf(store), ['_id_', 'expires_1']);
    const other = doors.open({ autoRemove: 'disabled' });
    await ask(other, 'set', 'a', session());
    assert.deepEqual(await indexesOf(other), ['_id_']);
  });

  it('expires a session with its cookie, or after ttl seconds', async () => {
    const store = doors.open({ ttl: 30 });
    const before = Date.now();
    const soon = new Cookie();
    soon.maxAge = 2000;
    await ask(store, 'set', 'a', { cookie: soon });
    await ask(store, 'set', 'b', { cookie: new Cookie({ expires: new Date(before + 90_000) }) });
    await ask(store, 'set', 'c', { cookie: new Cookie() });
    const after = Date.now();
    const documents = await doors.rows(store).find().sort({ _id: 1 }).toArray();
    for (const [index, ms] of [2000, 90_000, 30_000].entries()) {
      const expires = documents[index].expires.getTime();
      assert.ok(expires >= before + ms && expires <= after + ms, `${documents[index]._id}: ${expires - before} ms`);
    }
  });

  it('gives no session that has expired', async () => {
    const store = doors.open();
    await doors.rows(store).insertOne({ _id: 'a', session: '{"cookie":{}}', expires: new Date(Date.now() - 1000) });
    assert.deepEqual(await called(store, 'get', 'a'), [null, null]);
    assert.deepEqual(await ask(store, 'all'), []);
  });

  it('gives a text that is no JSON as an error, once', async () => {
    const store = doors.open();
    await doors.rows(store).insertOne({ _id: 'a', session: '{bad' });
    const got = await called(store, 'get', 'a');
    assert.equal(got.length, 1);
    assert.match(got[0].message, /^the stored session is a string that is not JSON/);
  });

  it('gives what serialize throws', async () => {
    const failure = new Error('no');
    const store = doors.open({ serialize: () => { throw failure; } });
    assert.deepEqual(await called(store, 'set', 'a', session()), [failure]);
  });

  it('gives what serialize gave, where there is no unserialize, and null where that gives nothing', async () => {
    const text = doors.open({ serialize: JSON.stringify });
    await ask(text, 'set', 'a', session());
    assert.equal(await ask(text, 'get', 'a'), JSON.stringify(session()));
    const nothing = doors.open({ collectionName: text.options.collectionName, unserialize: () => undefined });
    assert.deepEqual(await called(nothing, 'get', 'a'), [null, null]);
  });

  it('gives errors as the driver made them', async () => {
    const [ours, theirs] = [doors.open(), doors.openTheirs()];
    await ask(ours, 'get', 'a');
    await ask(theirs, 'get', 'a');
    for (const store of [ours, theirs]) await store.close();
    for (const [method, ...args] of [['get', 'a'], ['set', 'a', session()], ['destroy', 'a'], ['touch', 'a', session()], ['clear']]) {
      const [[one], [other]] = [await called(ours, method, ...args), await called(theirs, method, ...args)];
      // Their client connects again where it may; then there is nothing to compare.
      if (other) assert.deepEqual([one.name, one.message], [other.name, other.message]);
      assert.equal(one.message, 'Client must be connected before running operations');
    }
  });

  it('without a callback gives an error to whoever awaits the promise, and to nobody else', async () => {
    const store = doors.open({ serialize: () => { throw new Error('no'); } });
    store.set('a', session());
    await assert.rejects(store.set('a', session()), { message: 'no' });
    assert.equal(await store.get('a'), null);
  });

  it('rejects collectionP with the driver\'s error, and tells listeners', async () => {
    const store = new Door({ mongoUrl: 'mongodb://127.0.0.1:1', mongoOptions: { serverSelectionTimeoutMS: 1000 } });
    const heard = new Promise((resolve) => store.on('error', resolve));
    await assert.rejects(store.collectionP, { name: 'MongoServerSelectionError', message: /ECONNREFUSED|refused/ });
    assert.match((await heard).message, /^Error connecting to db: /);
    await store.close();
  });

  it('is asked to close twice, and before it is connected', async () => {
    const store = doors.open();
    store.collectionP.catch(() => {});
    await store.close();
    await store.close();
  });

  describe('with touchAfter', () => {
    it('leaves out touches of a session that was saved or touched within it', async () => {
      const store = doors.open({ touchAfter: 60 });
      await ask(store, 'set', 'a', session());
      const stored = await doors.rows(store).findOne();
      const read = await ask(store, 'get', 'a');
      assert.deepEqual(read.lastModified, stored.lastModified);
      const touched = { ...read, cookie: new Cookie({ expires: new Date('2100-01-01T00:00:00.000Z') }) };
      await ask(store, 'touch', 'a', touched);
      assert.deepEqual(await doors.rows(store).findOne(), stored);
      const old = new Date(Date.now() - 61_000);
      await ask(store, 'touch', 'a', { ...touched, lastModified: old });
      const { expires, lastModified } = await doors.rows(store).findOne();
      assert.deepEqual(expires, touched.cookie.expires);
      assert.ok(lastModified >= stored.lastModified);
    });

    it('does so with crypto, and of a text that is to be a document', async () => {
      for (const options of [{ crypto: { secret: 'secret' } }, { stringify: false }]) {
        const store = doors.open({ touchAfter: 60, ...options });
        const old = new Date(Date.now() - 61_000);
        const document = { _id: 'a', session: JSON.stringify(session()), expires: new Date('2099-12-01T00:00:00.000Z'), lastModified: old };
        await doors.rows(store).insertOne(document);
        await ask(store, 'touch', 'a', await ask(store, 'get', 'a'));
        const { lastModified } = await doors.rows(store).findOne();
        assert.ok(lastModified > old);
        await ask(store, 'set', 'a', session());
        assert.ok((await doors.rows(store).findOne()).lastModified >= lastModified);
        await ask(store, 'touch', 'a', { ...await ask(store, 'get', 'a'), cookie: new Cookie({ expires: new Date('2100-01-01T00:00:00.000Z') }) });
        assert.deepEqual((await doors.rows(store).findOne()).expires, document.expires);
      }
    });

    it('stores lastModified beside the session, never in it', async () => {
      const store = doors.open({ touchAfter: 60, stringify: false });
      await ask(store, 'set', 'a', session({ lastModified: new Date(0) }));
      const { session: stored, lastModified } = await doors.rows(store).findOne();
      assert.equal('lastModified' in stored, false);
      assert.ok(Date.now() - lastModified.getTime() < 60_000);
    });
  });

  describe('with the application\'s client', () => {
    const WAYS_TO_GIVE = {
      client: async (client) => ({ client: await client.connect() }),
      'client, not connected': async (client) => ({ client }),
      clientPromise: async (client) => ({ clientPromise: client.connect() })
    };
    for (const [way, give] of Object.entries(WAYS_TO_GIVE)) {
      it(`has its collection and leaves it open: ${way}`, async () => {
        const client = new MongoClient(doors.uri);
        const store = doors.open(await give(client));
        await ask(store, 'set', 'a', session());
        const collection = await store.collectionP;
        assert.equal(collection.constructor.name, 'Collection');
        await client.connect();
        assert.equal(typeof (await collection.findOne({ _id: 'a' })).session, 'string');
        await store.close();
        assert.equal(await collection.countDocuments(), 1);
        await client.close();
      });
    }

    it('takes that of Mongoose', async () => {
      const connection = await mongoose.createConnection(doors.uri).asPromise();
      const store = doors.open({ clientPromise: Promise.resolve(connection.getClient()) });
      await ask(store, 'set', 'a', session());
      assert.deepEqual((await ask(store, 'get', 'a')).passport, { user: 'ada' });
      await connection.close();
    });

    it('gives everybody the error of a client that does not come', async () => {
      const failure = new Error('no client');
      const store = new Door({ clientPromise: Promise.reject(failure) });
      assert.deepEqual(await called(store, 'get', 'a'), [failure]);
      await assert.rejects(store.collectionP, failure);
      assert.equal(store.options.collectionName, 'sessions');
    });
  });

  describe('with writeOperationOptions', () => {
    // A server by itself refuses to wait for another one.
    const beyond = { writeOperationOptions: { w: 2 } };

    for (const [way, options] of [['mongoUrl', () => ({})], ['mongoUrl that says another one', () => ({ mongoUrl: `${doors.uri}?w=1` })], ['client', () => ({ client: new MongoClient(doors.uri) })]]) {
      it(`writes with that write concern: ${way}`, async () => {
        const store = doors.open({ ...options(), ...beyond, autoRemove: 'disabled' });
        for (const [method, ...args] of [['set', 'a', session()], ['touch', 'a', session()], ['destroy', 'a']]) {
          const [error] = await called(store, method, ...args);
          assert.match(error.message, /cannot use 'w' > 1 when a host is not replicated/);
        }
        assert.deepEqual(await called(store, 'get', 'a'), [null, null]);
      });
    }
  });

  describe('refuses', () => {
    for (const [what, options, message] of [
      ['no server and no client', {}, /You must provide either mongoUrl\|clientPromise\|client in options/],
      ['two kinds of encryption', { mongoUrl: 'mongodb://127.0.0.1', crypto: { secret: 'a' }, cryptoAdapter: { encrypt() {}, decrypt() {} } }, /legacy crypto option or cryptoAdapter, not both/],
      ['a ttl that is no number', { mongoUrl: 'mongodb://127.0.0.1', ttl: '1h' }, /^ttl: must be a number of seconds, 0 or more; got a value of type string$/],
      ['a negative touchAfter', { mongoUrl: 'mongodb://127.0.0.1', touchAfter: -1 }, /^touchAfter: must be a number of seconds, 0 or more; got -1$/],
      ['mongoOptions that are none', { mongoUrl: 'mongodb://127.0.0.1', mongoOptions: 7 }, /^mongoOptions: /],
      ['an autoRemove that there is not', { mongoUrl: 'mongodb://127.0.0.1', autoRemove: 'daily' }, /^autoRemove: must be 'native', 'interval', 'disabled'; got 'daily'$/],
      ['a secret that is none', { mongoUrl: 'mongodb://127.0.0.1', crypto: {} }, /^crypto: secret must be a passphrase.*got undefined$/],
      ['a cryptoAdapter without decrypt', { mongoUrl: 'mongodb://127.0.0.1', cryptoAdapter: { encrypt() {} } }, /^cryptoAdapter: must be an object with the functions encrypt and decrypt; got a value of type object$/],
      ['a client that is none', { client: {} }, /^client must be a MongoClient/]
    ]) {
      it(what, () => assert.throws(() => Door.create(options), { message }));
    }

    it('a name that it does not know with a warning', async () => {
      const warnings = [];
      const listen = ({ message }) => warnings.push(message);
      process.on('warning', listen);
      doors.open({ mongooseConnection: {} });
      // Node.js tells of warnings in a tick of their own.
      await new Promise(setImmediate);
      process.off('warning', listen);
      assert.ok(warnings.includes('The option `mongooseConnection` of MongoStore is unknown and has no effect'), warnings.join());
    });
  });
});
