'use strict';

const assert = require('node:assert/strict');
const { createHash, createHmac, hkdfSync } = require('node:crypto');
const mongodb = require('mongodb');
const { ask, refusal, useStores } = require('../support/stores');
const { WireProxy } = require('../support/wire-proxy');

const session = (more) => ({ cookie: { path: '/' }, ...more });
const user = ({ passport }) => passport?.user;
const SECRET = Buffer.alloc(32, 7);

describe('whose a session is', () => {
  const stores = useStores();
  const rowOf = (store, sid = 'a') => stores.rows(store).findOne({ _id: sid });

  it('is stored nowhere unless it is asked for', async () => {
    const store = await stores.connected();
    await store.set('a', session({ passport: { user: 'ada' } }));
    assert.deepEqual(Object.keys(await rowOf(store)).sort(), ['_id', 'expires', 'session']);
    assert.deepEqual((await stores.rows(store).indexes()).map(({ name }) => name), ['_id_', 'expires_1']);
  });

  for (const value of ['ada', '', 7, -0.5, new mongodb.ObjectId()]) {
    it(`is stored beside the session as it is: ${typeof value} ${value}`, async () => {
      const store = await stores.connected({ user });
      await store.set('a', session({ passport: { user: value } }));
      assert.deepEqual((await rowOf(store)).user, value);
      assert.deepEqual((await store.sessionsOf(value)).map(({ id }) => id), ['a']);
      assert.equal(await store.destroyUser(value), 1);
    });
  }

  it('is removed when the session is saved without', async () => {
    const store = await stores.connected({ user, userField: 'meta.owner' });
    await store.set('a', session({ passport: { user: 7 } }));
    assert.deepEqual((await rowOf(store)).meta, { owner: 7 });
    await store.set('a', session({ passport: { user: null } }));
    assert.deepEqual((await rowOf(store)).meta, {});
  });

  it('is a hash with hashIds, and an HMAC with crypto, which no other type of the same text has', async () => {
    const key = Buffer.from(hkdfSync('sha256', SECRET, 'connect-mongodb-session', 'session users v1', 32));
    const id = new mongodb.ObjectId();
    const texts = new Map([['7', 'string:7'], [7, 'number:7'], [id, `ObjectId:${id.toHexString()}`]]);
    const ways = [
      [{ hashIds: true }, (text) => createHash('sha256').update(text).digest('hex')],
      [{ crypto: { secret: SECRET } }, (text) => createHmac('sha256', key).update(text).digest('hex')]
    ];
    for (const [options, hash] of ways) {
      const store = await stores.connected({ user, ...options });
      for (const [value, text] of texts) {
        await store.set('a', session({ passport: { user: value } }));
        assert.equal((await stores.rows(store).findOne()).user, hash(text));
        assert.equal((await store.sessionsOf(value)).length, 1);
      }
    }
  });

  it('is found under an earlier secret too, until the session is saved', async () => {
    const before = await stores.connected({ user, crypto: { secret: SECRET } });
    await before.set('a', session({ passport: { user: 'ada' } }));
    const { collection } = before.options;
    const store = await stores.connected({ user, collection, crypto: { secret: [Buffer.alloc(32, 8), SECRET] } });
    await store.set('b', session({ passport: { user: 'ada' } }));
    assert.deepEqual((await store.sessionsOf('ada')).map(({ id }) => id).sort(), ['a', 'b']);
    await store.set('a', await store.get('a'));
    assert.equal((await stores.rows(store).distinct('user')).length, 1);
    assert.equal(await store.destroyUser('ada'), 2);
  });

  for (const [value, got] of [[{}, '{}'], [[7], 'an array'], [true, 'a value of type boolean'], [NaN, 'NaN'], [new Date(), /./]]) {
    it(`must be a value that can be found again: ${JSON.stringify(value)} is an error of the save, and nothing is stored`, async () => {
      const store = await stores.connected({ user });
      const error = await refusal(store, 'set', 'a', session({ passport: { user: value } }));
      assert.equal(error.name, 'TypeError');
      assert.match(error.message, /the option user must give a string, a finite number or an ObjectId, or undefined for nobody; got /);
      if (typeof got === 'string') assert.ok(error.message.endsWith(`got ${got}`), error.message);
      assert.equal(await store.length(), 0);
    });
  }

  it('what the option throws is the error of the save', async () => {
    const store = await stores.connected({ user() { throw new Error('no idea'); } });
    await assert.rejects(store.set('a', session()), /: no idea$/);
  });

  it('is asked for with callbacks as with promises', async () => {
    const store = await stores.connected({ user });
    await store.set('a', session({ passport: { user: 7 } }));
    await store.set('b', session({ passport: { user: 7 } }));
    assert.deepEqual((await ask(store, 'sessionsOf', 7)).map(({ id }) => id).sort(), ['a', 'b']);
    assert.deepEqual((await ask(store, 'sessionsOf', 7, { except: ['b', 'x'] })).map(({ id }) => id), ['a']);
    assert.equal(await ask(store, 'destroyUser', 7, { except: 'b' }), 1);
    assert.equal(await ask(store, 'destroyUser', 7), 1);
  });

  it("a session of somebody else's is not ended by its id, nor by an expired session's", async () => {
    const store = await stores.connected({ user });
    await store.set('a', session({ passport: { user: 'ada' } }));
    await store.set('b', session({ passport: { user: 'bob' } }));
    assert.equal(await store.destroyUser('ada', { only: ['b'] }), 0);
    assert.equal(await store.length(), 2);
  });

  /** A store behind a proxy, whose next delete waits until `meanwhile` is over. */
  async function withDelayedDelete(options, meanwhile) {
    const proxy = await new WireProxy(Number(new URL(stores.uri).port)).open();
    const uri = new URL(stores.uri);
    uri.port = proxy.port;
    const store = await stores.connected({ uri: String(uri), user, ...options });
    const heard = [];
    store.on('destroy', (sid) => heard.push(sid));
    proxy.treat = (request) => {
      if (request.name !== 'delete') return undefined;
      proxy.treat = () => undefined;
      return meanwhile(store).then(() => request.deliver());
    };
    return { heard, proxy, store };
  }
  const givenAway = (sid) => (store) => stores.rows(store).updateOne({ _id: sid }, { $set: { user: 'bob', 'session.passport.user': 'bob' } });

  it("a session that is somebody else's by the time it would be ended goes on, and is not told as destroyed", async () => {
    const { heard, proxy, store } = await withDelayedDelete({}, givenAway('b'));
    try {
      for (const sid of ['a', 'b', 'c']) await store.set(sid, session({ passport: { user: 'ada' } }));
      assert.equal(await store.destroyUser('ada'), 2);
      assert.deepEqual(heard.sort(), ['a', 'c']);
      assert.deepEqual((await store.sessionsOf('bob')).map(({ id }) => id), ['b']);
    } finally {
      await store.close();
      await proxy.close();
    }
  });

  it("neither does a login end a session that is somebody else's by then", async () => {
    const { heard, proxy, store } = await withDelayedDelete({ maxSessionsPerUser: 1 }, givenAway('a'));
    try {
      await store.set('a', session({ passport: { user: 'ada' } }));
      await store.set('b', session({ passport: { user: 'ada' } }));
      assert.deepEqual(heard, []);
      assert.deepEqual((await store.ids()).sort(), ['a', 'b']);
    } finally {
      await store.close();
      await proxy.close();
    }
  });

  it('expired sessions are not listed, and are ended all the same: a request that is under way might renew one', async () => {
    const store = await stores.connected({ user });
    await store.set('a', session({ cookie: { expires: new Date(Date.now() - 1000) }, passport: { user: 'ada' } }));
    assert.deepEqual(await store.sessionsOf('ada'), []);
    assert.equal(await store.destroyUser('ada'), 1);
  });

  it('destroy is emitted for every session that was ended', async () => {
    const store = await stores.connected({ user, maxSessionsPerUser: 2 });
    const heard = [];
    store.on('destroy', (sid) => heard.push(sid));
    for (const sid of ['a', 'b', 'c']) await store.set(sid, session({ passport: { user: 'ada' } }));
    await store.set('d', session({ passport: { user: 'bob' } }));
    assert.deepEqual(heard, ['a']);
    assert.equal(await store.destroyUser('ada'), 2);
    assert.deepEqual(heard.sort(), ['a', 'b', 'c']);
    assert.equal(await store.destroyUser('ada'), 0);
  });

  const REFUSED = {
    'nobody': [undefined, undefined, 'the user must be a string, a finite number or an ObjectId; got undefined'],
    'a query operator': [{ $gt: '' }, undefined, 'the user must be a string, a finite number or an ObjectId; got [Object]'],
    'a list of users': [['ada'], undefined, 'the user must be a string, a finite number or an ObjectId; got an array'],
    'a misspelt option': ['ada', { exept: 'a' }, 'destroyUser has no option "exept"; it takes except and only'],
    'an id that is missing': ['ada', { except: undefined }, 'the option except of destroyUser must be a session id (a string), or an array of them; got undefined'],
    'an id that is an operator': ['ada', { only: { $gt: '' } }, /the option only of destroyUser must be a session id/],
    'options that are none': ['ada', 'a', "the options of destroyUser must be an object such as { except: req.sessionID }; got 'a'"]
  };
  for (const [title, [value, options, message]] of Object.entries(REFUSED)) {
    it(`destroyUser refuses ${title}, and ends nothing`, async () => {
      const store = await stores.connected({ user });
      await store.set('a', session({ passport: { user: 'ada' } }));
      await assert.rejects(store.destroyUser(value, options), (error) => {
        assert.equal(error.name, 'TypeError');
        if (typeof message === 'string') assert.equal(error.message, `Error destroying sessions: ${message}`);
        else assert.match(error.message, message);
        return true;
      });
      assert.equal(await store.length(), 1);
    });
  }

  it('a store that does not know whose sessions are is told what is missing', async () => {
    const store = await stores.connected();
    await assert.rejects(store.sessionsOf('ada'), {
      name: 'TypeError', message: 'Error gathering sessions: sessionsOf needs the option user of the store, which says whose a session is'
    });
  });

  it('options that cannot be are refused when the store is made', () => {
    const refused = (options, message) => assert.throws(() => stores.open(options), { message });
    refused({ user: 'passport.user' }, "user: must be a function; got 'passport.user'");
    refused({ userField: 'owner' }, 'the option userField needs the option user, which says whose a session is');
    refused({ maxSessionsPerUser: 1 }, 'the option maxSessionsPerUser needs the option user, which says whose a session is');
    refused({ user, maxSessionsPerUser: 0 }, 'maxSessionsPerUser: must be a whole number, 1 or more; got 0');
    refused({ user, userField: '$user' }, /^userField: must name a field/);
    refused({ user, userField: 'session.user' }, 'the session ("session") and userField ("session.user") must be different fields of the stored document');
    refused({ user, idField: 'user' }, 'idField and userField ("user") must be different fields of the stored document');
  });
});

describe('the index on users', () => {
  const stores = useStores();
  const usersIndex = async (store) => (await stores.rows(store).indexes()).find(({ key }) => 'user' in key);

  it('is sparse, and made with the others', async () => {
    const index = await usersIndex(await stores.connected({ user }));
    assert.deepEqual({ ...index, v: 2 }, { v: 2, key: { user: 1 }, name: 'user_1', sparse: true });
  });

  it('is left alone where another one is on the field', async () => {
    const { collectionName } = stores.db.collection('indexed');
    await stores.db.collection(collectionName).createIndex({ user: 1 }, { name: 'by_hand' });
    const index = await usersIndex(await stores.connected({ user, collection: collectionName }));
    assert.equal(index.name, 'by_hand');
  });

  it('is not made with createIndexes: false', async () => {
    const store = await stores.connected({ user, createIndexes: false });
    await store.set('a', session({ passport: { user: 'ada' } }));
    assert.equal(await usersIndex(store), undefined);
  });

  it('is what sessionsOf, destroyUser and maxSessionsPerUser find sessions by, and nothing else is looked at', async () => {
    const store = await stores.connected({ user, maxSessionsPerUser: 20 });
    const rows = stores.rows(store);
    const expires = new Date(Date.now() + 1e6);
    await rows.insertMany(Array.from({ length: 2000 }, (_, n) => ({ _id: `s${n}`, session: {}, expires, ...(n % 2 && { user: `u${n % 100}` }) })));
    await stores.db.command({ profile: 2 });
    try {
      assert.equal((await store.sessionsOf('u7')).length, 20);
      await store.set('new', session({ passport: { user: 'u7' } }));
      store.on('destroy', () => {});
      assert.equal(await store.destroyUser('u7', { except: 'new' }), 19);
      assert.equal(await store.destroyUser('u9'), 20);
    } finally {
      await stores.db.command({ profile: 0 });
    }
    const entries = await stores.db.collection('system.profile').find({ ns: rows.namespace, op: { $in: ['query', 'remove'] } }).toArray();
    assert.ok(entries.length >= 6, `${entries.length} commands`);
    for (const { command, planSummary, docsExamined } of entries) {
      assert.match(planSummary, /^IXSCAN \{ (user|_id): 1 \}$/, JSON.stringify(command));
      assert.ok(docsExamined <= 21, `${docsExamined} documents for ${JSON.stringify(command)}`);
    }
    const [{ command: { find, filter } }] = entries;
    const { queryPlanner } = await stores.db.command({ explain: { find, filter } });
    assert.match(JSON.stringify(queryPlanner.winningPlan), /"IXSCAN".*"user_1"/);
  });
});

describe('maxSessionsPerUser', () => {
  const stores = useStores();
  const idsOf = async (store, value) => (await store.sessionsOf(value)).map(({ id }) => id).sort();

  it('ends the session that the user logged in to first, whichever was used last', async () => {
    const store = await stores.connected({ user, maxSessionsPerUser: 2 });
    await store.set('a', session({ passport: { user: 7 } }));
    await store.set('b', session({ passport: { user: 7 } }));
    await store.set('a', Object.assign(await store.get('a'), { used: true }));
    await store.set('c', session({ passport: { user: 7 } }));
    assert.deepEqual(await idsOf(store, 7), ['b', 'c']);
  });

  it('counts a session from the login, not from its creation', async () => {
    const store = await stores.connected({ user, maxSessionsPerUser: 1 });
    await store.set('early', session());
    await store.set('a', session({ passport: { user: 7 } }));
    await store.set('early', Object.assign(await store.get('early'), { passport: { user: 7 } }));
    assert.deepEqual(await idsOf(store, 7), ['early']);
  });

  it('ends sessions from before the option was given first', async () => {
    const before = await stores.connected({ user });
    for (const sid of ['x', 'y']) await before.set(sid, session({ passport: { user: 7 } }));
    const store = await stores.connected({ user, maxSessionsPerUser: 2, collection: before.options.collection });
    await store.set('a', session({ passport: { user: 7 } }));
    await store.set('b', session({ passport: { user: 7 } }));
    assert.deepEqual(await idsOf(store, 7), ['a', 'b']);
  });

  it('of many logins at once, one session stays', async () => {
    const store = await stores.connected({ user, maxSessionsPerUser: 1 });
    await Promise.all(Array.from({ length: 20 }, (_, n) => store.set(`s${n}`, session({ passport: { user: 7 } }))));
    assert.equal((await idsOf(store, 7)).length, 1);
  });

  it('counts no expired sessions, and none of others', async () => {
    const store = await stores.connected({ user, maxSessionsPerUser: 1 });
    await store.set('gone', session({ cookie: { expires: new Date(Date.now() - 1000) }, passport: { user: 7 } }));
    await store.set('a', session({ passport: { user: 8 } }));
    await store.set('b', session({ passport: { user: 7 } }));
    assert.equal(await store.length(), 2);
    assert.equal(await stores.rows(store).countDocuments(), 3);
  });

  it('asks nothing of the database when nobody logs in', async () => {
    const store = await stores.connected({ user, maxSessionsPerUser: 1 });
    await store.set('a', session({ passport: { user: 7 } }));
    const loaded = await store.get('a');
    store.collection.find = () => assert.fail('sessions are counted');
    await store.set('a', Object.assign(loaded, { n: 1 }));
    await store.set('b', session());
  });
});
