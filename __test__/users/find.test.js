'use strict';

const assert = require('node:assert/strict');
const mongodb = require('mongodb');
const { useStores } = require('../support/stores');

const SECRET = Buffer.alloc(32, 7);
const session = (n) => ({ cookie: { path: '/' }, n });

describe('find', () => {
  const stores = useStores();

  async function storeWith(count, options) {
    const store = await stores.connected(options);
    await Promise.all(Array.from({ length: count }, (_, n) => store.set(`s${n}`, session(n))));
    return store;
  }

  async function all(iterable) {
    const list = [];
    for await (const one of iterable) list.push(one);
    return list;
  }

  it('gives live sessions, each with its id and its expiry', async () => {
    const store = await storeWith(1);
    await store.set('gone', { cookie: { expires: new Date(Date.now() - 1000) } });
    const [one, ...others] = await all(store.find());
    assert.deepEqual(others, []);
    assert.deepEqual(one, { id: 's0', session: session(0), expires: (await stores.rows(store).findOne({ _id: 's0' })).expires });
  });

  it('takes a filter, a limit, an order, and how many to leave out', async () => {
    const store = await storeWith(10);
    const found = await all(store.find({ 'session.n': { $gte: 3 } }, { sort: { 'session.n': -1 }, skip: 2, limit: 3 }));
    assert.deepEqual(found.map(({ session: { n } }) => n), [7, 6, 5]);
    for (const sort of ['session.n', ['session.n'], [['session.n', 1]], new Map([['session.n', 1]])]) {
      assert.equal((await all(store.find({}, { sort, limit: 1 })))[0].session.n, 0);
    }
  });

  for (const [title, options] of [['plain', {}], ['encrypted', { crypto: { secret: SECRET } }]]) {
    it(`reads batch by batch, and no more than is asked for (${title})`, async () => {
      const store = await storeWith(1500, options);
      assert.equal(new Set((await all(store.find())).map(({ id }) => id)).size, 1500);
      for await (const { session: { n } } of store.find({ _id: 's7' })) assert.equal(n, 7);
      for await (const { session: { n } } of store.find()) {
        assert.equal(typeof n, 'number');
        break;
      }
    });
  }

  it('asks nothing of the database before it is read, and nothing after it was left', async () => {
    const store = await storeWith(2);
    const { find } = store.collection;
    let calls = 0;
    store.collection.find = (...args) => {
      calls++;
      return find.apply(store.collection, args);
    };
    const sessions = store.find();
    assert.equal(calls, 0);
    await sessions.next();
    await sessions.return();
    assert.deepEqual([calls, (await sessions.next()).done], [1, true]);
  });

  it('takes what an application has put in the place of find', async () => {
    const store = await storeWith(1);
    store.collection.find = () => ({ toArray: async () => [{ _id: 'x', session: session(9) }] });
    assert.deepEqual(await all(store.find()), [{ id: 'x', session: session(9), expires: undefined }]);
  });

  it('waits for a client that is promised', async () => {
    let come;
    const client = new Promise((resolve) => {
      come = resolve;
    });
    const store = stores.open({ uri: undefined, client, databaseName: stores.databaseName });
    const found = all(store.find());
    come(new mongodb.MongoClient(stores.uri));
    assert.deepEqual(await found, []);
  });

  it('is counted, and an error goes to listeners too', async () => {
    const store = await storeWith(2, { unserialize() { throw new Error('unreadable'); } });
    const heard = [];
    store.on('error', (error) => heard.push(error.message));
    await assert.rejects(all(store.find({ _id: 's1' })), { message: 'Error gathering sessions: s1: unreadable' });
    assert.deepEqual(heard, ['Error gathering sessions: s1: unreadable']);
    const { operations: { find }, pending } = store.stats();
    assert.deepEqual([find.count, find.errors, pending], [1, 1, 0]);
  });

  const user = (stored) => stored.n;
  const UNREACHABLE = {
    'into encrypted sessions': [{ crypto: { secret: SECRET } }, [{ 'session.n': 1 }], /^find cannot look into sessions \("session\.n"\) with the option crypto/],
    'by what is encrypted': [{ crypto: { secret: SECRET } }, [{}, { sort: [['session.n', 1]] }], /^find cannot look into sessions \("session\.n"\) with the option crypto/],
    'into serialized sessions': [{ serialize: JSON.stringify }, [{ 'session.n': 1 }], /with the option serialize: .*store\.collection\.find\(filter\)/],
    'for a hashed id': [{ hashIds: true }, [{ _id: 's0' }], /^find cannot filter by "_id" with the option hashIds/],
    'for a hashed user': [{ hashIds: true, user }, [{ $or: [{ user: 7 }] }], /^find cannot filter by "user" with the option hashIds: .* sessionsOf\(user\)/],
    'for an encrypted user': [{ crypto: { secret: SECRET }, user, userField: 'owner' }, [{ owner: 7 }], /^find cannot filter by "owner" with the option crypto: .* sessionsOf\(user\)/]
  };
  for (const [title, [options, args, message]] of Object.entries(UNREACHABLE)) {
    it(`looks not ${title}: it would find nothing`, async () => {
      const store = await storeWith(1, options);
      assert.throws(() => store.find(...args), { name: 'TypeError', message });
    });
  }

  it('destroyWhere does not look for hashed users either', async () => {
    const store = await storeWith(1, { hashIds: true, user });
    await assert.rejects(store.destroyWhere({ user: 0 }), { name: 'TypeError', message: /destroyWhere cannot filter by "user"/ });
    assert.equal(await store.length(), 1);
  });

  const REFUSED = {
    'a filter that is none': [['a'], "find takes a plain object as its filter; got 'a'"],
    'a condition that is undefined': [[{ _id: undefined }], 'find takes a plain object as its filter; got { _id: undefined }'],
    'a condition that would not be sent': [[{ a: 1, b: () => {} }], 'find cannot use the condition "b": its value is a function'],
    'a limit that is none': [[{}, { limit: -1 }], 'the option limit of find must be a whole number, 0 or more; got -1'],
    'an unknown option': [[{}, { batch: 1 }], 'find has no option "batch"; it takes limit, skip and sort'],
    'options that are none': [[{}, 7], 'the options of find must be an object; got 7']
  };
  for (const [title, [args, message]] of Object.entries(REFUSED)) {
    it(`refuses ${title}`, async () => {
      const store = await storeWith(0);
      assert.throws(() => store.find(...args), { name: 'TypeError', message });
    });
  }
});
