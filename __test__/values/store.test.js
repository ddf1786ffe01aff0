'use strict';

/** What a store leaves in MongoDB, beside what connect-mongodb-session 5.0.0 leaves there. */

const assert = require('node:assert/strict');
const bson = require('../support/bson');
const expressSession = require('express-session');
const fc = require('fast-check');
const { load } = require('../support/impl');
const { mongoUri, testClient, uniqueName } = require('../support/server');
const { ask, call } = require('../support/stores');
const { session: anySession } = require('./arbitraries');
const { refused, values } = require('./values');

/** As in codec-properties.test.js. */
const SESSIONS = Number(process.env.CODEC_RUNS ?? 5000);
/** How many operations of each store are under way at a time. */
const AT_A_TIME = 250;
/** Of sessions that are stored when all tests before these have run. */
const EXPIRES = new Date(Date.now() + 24 * 3600_000);

const cookie = () => ({ originalMaxAge: 3600000, expires: EXPIRES, secure: false, httpOnly: true, path: '/', sameSite: 'lax' });

describe('The stored bytes of a session', function() {
  this.timeout(240_000);

  let uri;
  let db;
  let stores;
  const opened = [];

  before(async () => {
    uri = await mongoUri(uniqueName('fidelity'));
    db = (await testClient()).db(new URL(uri).pathname.slice(1));
  });

  beforeEach(async () => {
    const collections = { byOriginal: uniqueName('original'), byOurs: uniqueName('ours') };
    stores = {
      original: await open('original', collections.byOriginal),
      ours: await open('ours', collections.byOurs),
      // Each reads what the other wrote, too.
      originalOnOurs: await open('original', collections.byOurs),
      oursOnOriginal: await open('ours', collections.byOriginal)
    };
  });

  afterEach(() => Promise.all(opened.splice(0).map((store) => store.client.close())));
  after(() => db.dropDatabase());

  async function open(implementation, collection) {
    const Store = load(implementation).factory(expressSession);
    const store = await new Promise((resolve, reject) => {
      const made = new Store({ uri, collection }, (error) => (error ? reject(error) : resolve(made)));
    });
    opened.push(store);
    return store;
  }

  /** The collection's documents as they are stored, by id. */
  async function stored(store) {
    const found = await db.collection(store.options.collection).find({}, { raw: true }).toArray();
    return new Map(found.map((bytes) => [bson.deserialize(bytes)._id, Buffer.from(bytes)]));
  }

  async function inBatches(items, work) {
    for (let at = 0; at < items.length; at += AT_A_TIME) await Promise.all(items.slice(at, at + AT_A_TIME).map(work));
  }

  /** Has both implementations write the sessions, and each read what each wrote. */
  async function compare(samples) {
    await inBatches(samples, async ({ sid, name, make }) => {
      const [theirs, ours] = await Promise.all([call(stores.original, 'set', sid, make()), call(stores.ours, 'set', sid, make())]);
      assert.equal(ours.error?.message, theirs.error?.message, name);
    });
    const theirs = await stored(stores.original);
    const ours = await stored(stores.ours);
    assert.equal(ours.size, theirs.size);
    for (const { sid, name } of samples) {
      assert.equal(ours.get(sid)?.toString('hex'), theirs.get(sid)?.toString('hex'), name);
    }
    await inBatches(samples, async ({ sid, name }) => {
      const expected = bson.deserialize(ours.get(sid)).session;
      const readers = [stores.ours, stores.oursOnOriginal];
      if (!holdsWhatTheDriverReadsRaw(expected)) readers.push(stores.original, stores.originalOnOurs);
      const read = await Promise.all(readers.map((store) => ask(store, 'get', sid)));
      for (const session of read) assert.deepStrictEqual(session, expected, name);
    });
    return ours;
  }

  it('equal the original\'s for every kind of value, and each reads the other\'s', async () => {
    const samples = values.map(({ name, make }, n) => ({
      name, sid: `value-${n}`, make: () => ({ cookie: cookie(), before: 1, value: make(), after: [make()] })
    }));
    const written = await compare(samples);
    assert.equal(written.size, samples.length);
  });

  it(`equal the original's for ${SESSIONS} random sessions, and each reads the other's`, async () => {
    const seed = Number(process.env.TEST_SEED ?? Date.now()) | 0;
    const samples = fc.sample(anySession, { numRuns: SESSIONS, seed }).map((data, n) => ({
      name: `session ${n} of seed ${seed}`,
      sid: `session-${n}`,
      make: () => {
        const made = { ...data, cookie: cookie() };
        // Here the original loses it to the copy's prototype; further down it stores it.
        delete made.__proto__;
        return made;
      }
    }));
    const written = await compare(samples);
    assert.equal(written.size, SESSIONS);
  });

  it('are read as documents where the original leaves them bytes: in arrays named like what every object has', async () => {
    const session = { cookie: cookie(), constructor: [{ a: 1 }], firstBatch: [{ b: new Date(5) }] };
    await ask(stores.original, 'set', 'sid', session);
    // The driver of version 5 does not.
    if (bson.MAJOR !== 5) assert.ok((await ask(stores.original, 'get', 'sid')).constructor[0] instanceof Uint8Array);
    assert.deepStrictEqual(await ask(stores.oursOnOriginal, 'get', 'sid'), session);
  });

  it('equal the original\'s for the session objects of express-session', async () => {
    const { Cookie, Session } = expressSession;
    const make = () => {
      const request = { sessionID: 'of-express', sessionStore: {} };
      const session = new Session(request, { views: 3, user: { name: 'Zoë' } });
      session.cookie = new Cookie({ httpOnly: true, maxAge: 5000 });
      session.cookie.expires = EXPIRES;
      session.cookie.originalMaxAge = 5000;
      return session;
    };
    const written = await compare([{ name: 'express-session', sid: 'of-express', make }]);
    assert.deepEqual(Object.keys(bson.deserialize(written.get('of-express')).session), ['views', 'user', 'cookie']);
  });

  it('equal the original\'s after a session was replaced by a smaller one', async () => {
    const sample = (make) => [{ name: 'replaced', sid: 'replaced', make }];
    await compare(sample(() => ({ cookie: cookie(), a: 'x'.repeat(5000), b: { c: 1 } })));
    await compare(sample(() => ({ cookie: cookie(), b: [] })));
  });

  for (const { name, make } of refused) {
    it(`are none for what cannot be stored, with the original's words: ${name}`, async () => {
      const session = () => ({ cookie: cookie(), value: make() });
      const [theirs, ours] = await Promise.all([call(stores.original, 'set', 'sid', session()), call(stores.ours, 'set', 'sid', session())]);
      assert.ok(ours.error instanceof Error);
      assert.equal(reason(ours.error), reason(theirs.error));
      assert.equal((await stored(stores.ours)).size, 0);
    });
  }

  for (const levels of [150, 178, 190, 250, 1000]) {
    it(`are the original's, or none for both, when a session is nested ${levels} deep`, async () => {
      const session = () => {
        let value = 'bottom';
        for (let level = 0; level < levels; level++) value = { down: value };
        return { cookie: cookie(), value };
      };
      const [theirs, ours] = await Promise.all([call(stores.original, 'set', 'sid', session()), call(stores.ours, 'set', 'sid', session())]);
      assert.equal(Boolean(ours.error), Boolean(theirs.error), `${theirs.error?.message} / ${ours.error?.message}`);
      assert.deepEqual((await stored(stores.ours)).get('sid'), (await stored(stores.original)).get('sid'));
    });
  }

  it('are none, and an error tells why, for a session nested 10,000 deep', async () => {
    let value = 'bottom';
    for (let level = 0; level < 10_000; level++) value = { down: value };
    const { error } = await call(stores.ours, 'set', 'sid', { cookie: cookie(), value });
    assert.match(error.message, /nested too deeply/);
    assert.equal((await stored(stores.ours)).size, 0);
    await ask(stores.ours, 'set', 'sid', { cookie: cookie(), value: 'flat' });
    assert.equal((await ask(stores.ours, 'get', 'sid')).value, 'flat');
  });

  /**
   * The Node driver reads a reply's `firstBatch` raw. It looks that name up in an object, for every
   * array, and finds more than that there.
   */
  function holdsWhatTheDriverReadsRaw(value) {
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([key, member]) => {
      return (Array.isArray(member) && (key === 'firstBatch' || key in Object.prototype)) || holdsWhatTheDriverReadsRaw(member);
    });
  }

  /** What an error says after the session it is about. */
  function reason(error) {
    return error.message.slice(error.message.lastIndexOf(': ') + 2);
  }
});
