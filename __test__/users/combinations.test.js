'use strict';

/** Users, lifetimes and timestamps together with every other option that changes how sessions are stored, two by two. */

const assert = require('node:assert/strict');
const { useStores } = require('../support/stores');

const HOUR_MS = 3_600_000;
const METHODS = ['findOne', 'updateOne', 'deleteOne', 'deleteMany', 'find', 'countDocuments'];

/** What is on in a case: options, or a change of the store once it is open. */
const PARTS = {
  hashIds: { options: { hashIds: true } },
  // Bytes need no stretching, which takes seconds in a debug build.
  crypto: { options: { crypto: { secret: Buffer.alloc(32, 7) } } },
  serialize: { options: { serialize: JSON.stringify, unserialize: JSON.parse } },
  partialUpdates: { options: { partialUpdates: true } },
  preventResurrection: { options: { preventResurrection: true } },
  'methods of the application': { options: {}, replaces: true },
  idField: { options: { idField: 'meta.sid', userField: 'meta.user', expiresKey: 'meta.until' } },
  transformId: { options: { transformId: (id) => `sess:${id}` } }
};

const NAMES = Object.keys(PARTS);
const CASES = [
  [],
  ...NAMES.map((name) => [name]),
  ...NAMES.flatMap((one, at) => NAMES.slice(at + 1).map((other) => [one, other])),
  ['hashIds', 'crypto', 'serialize', 'preventResurrection', 'idField', 'transformId'],
  ['hashIds', 'partialUpdates', 'preventResurrection', 'methods of the application', 'idField', 'transformId']
].filter((names) => !(names.includes('crypto') && (names.includes('partialUpdates') || names.includes('methods of the application'))));

const sessionOf = (user, name) => ({ cookie: { path: '/', originalMaxAge: null }, name, ...(user !== undefined && { user }) });
/** Logins are told apart by the server's clock, in ms; those of one millisecond by their stored ids, which may be hashes. */
async function laterMillisecond() {
  for (const now = Date.now(); Date.now() <= now + 1;) await new Promise(setImmediate);
}
const byName = (sessions) => sessions.map(({ session }) => session.name).sort();

describe('users and lifetimes', () => {
  const stores = useStores();

  async function storeWith(names) {
    const options = Object.assign({}, ...names.map((name) => PARTS[name].options));
    const store = await stores.connected({
      user: (session) => session.user, maxSessionsPerUser: 2, maxLifetime: HOUR_MS, timestamps: true, ...options
    });
    const replaced = names.some((name) => PARTS[name].replaces);
    const calls = Object.fromEntries(METHODS.map((name) => [name, 0]));
    for (const name of replaced ? METHODS : []) {
      const own = store.collection[name];
      store.collection[name] = function replacement(...args) {
        calls[name]++;
        return own.apply(this, args);
      };
    }
    return { store, calls: replaced ? calls : undefined };
  }

  for (const names of CASES) {
    it(`work with ${names.join(', ') || 'no other option'}`, async () => {
      const { store, calls } = await storeWith(names);
      const isHashed = names.includes('hashIds') || names.includes('crypto');
      for (const [sid, user] of [['a', 'ada'], ['b', 'ada'], ['c', 'bob'], ['d', undefined]]) {
        await store.set(sid, sessionOf(user, sid));
        await laterMillisecond();
      }

      const ofAda = await store.sessionsOf('ada');
      assert.deepEqual(byName(ofAda), ['a', 'b']);
      assert.deepEqual(Object.keys(ofAda[0]).sort(), ['created', 'expires', 'id', 'session', 'updated']);
      assert.deepEqual(ofAda.find(({ session }) => session.name === 'a').session, await store.get('a'));

      // What the database shows.
      const rows = await stores.rows(store).find().toArray();
      assert.equal(JSON.stringify(rows.map((row) => ({ ...row, session: null }))).includes('"ada"'), !isHashed);
      const ends = new Set(rows.map(({ endsAt }) => endsAt.getTime()));
      assert.ok([...ends].every((end) => Math.abs(end - Date.now() - HOUR_MS) < 60_000));

      // Saves and touches leave the user and the end where they are.
      const loaded = await store.get('a');
      loaded.more = { $literal: '$name' };
      await store.set('a', loaded);
      await store.touch('a', Object.assign(loaded, { cookie: { ...loaded.cookie, expires: new Date(Date.now() + 9 * HOUR_MS) } }));
      assert.deepEqual((await store.get('a')).more, { $literal: '$name' });
      assert.deepEqual(byName(await store.sessionsOf('ada')), ['a', 'b']);
      for (const { expires } of await store.sessionsOf('ada')) assert.ok(ends.has(expires.getTime()));

      // One login too many ends the oldest; a logout is one session less.
      await store.set('e', sessionOf('ada', 'e'));
      assert.deepEqual(byName(await store.sessionsOf('ada')), ['b', 'e']);
      const out = await store.get('b');
      delete out.user;
      await store.set('b', out);
      assert.deepEqual(byName(await store.sessionsOf('ada')), ['e']);
      assert.equal((await store.get('b')).name, 'b');

      const found = [];
      for await (const one of store.find()) found.push(one);
      assert.deepEqual(byName(found), ['b', 'c', 'd', 'e']);

      await laterMillisecond();
      await store.set('f', sessionOf('ada', 'f'));
      assert.deepEqual(byName(await store.sessionsOf('ada', { except: 'f' })), ['e']);
      assert.equal(await store.destroyUser('ada', { except: 'f' }), 1);
      assert.equal(await store.destroyUser('ada', { only: (await store.sessionsOf('ada'))[0].id }), 1);
      assert.deepEqual(await store.sessionsOf('ada'), []);
      assert.equal(await store.length(), 3);
      if (calls) assert.deepEqual(METHODS.filter((name) => name !== 'deleteOne' && calls[name] === 0), []);
    });
  }
});
