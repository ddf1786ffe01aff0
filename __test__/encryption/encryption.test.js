'use strict';

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const { inspect } = require('node:util');
const bson = require('bson');
const { internalsOf } = require('../../lib/store/internals');
const { useStores } = require('../support/stores');
const { open, seal } = require('./format');
const vectors = require('./vectors.json');

const SECRET = randomBytes(32);
const session = (more) => ({ cookie: { path: '/', originalMaxAge: 1000 }, user: 'ada lovelace', at: new Date(5), ...more });

describe('the published test vectors', () => {
  for (const { name, secret, field, id, random, plain, record } of vectors) {
    it(`are what node:crypto makes and reads: ${name}`, () => {
      const given = secret.passphrase ?? Buffer.from(secret.key, 'hex');
      assert.equal(seal(given, field, id, Buffer.from(plain, 'hex'), Buffer.from(random, 'hex')).toString('hex'), record);
      assert.equal(open(given, field, id, Buffer.from(record, 'hex')).toString('hex'), plain);
    });
  }
});

describe('crypto', () => {
  const stores = useStores();
  const encrypted = (options) => stores.connected({ crypto: { secret: SECRET }, ...options });
  const raw = (store) => stores.db.collection(store.options.collection);

  for (const batching of [true, false]) {
    it(`gives sessions back as they were, and stores nothing of them in plain: batching ${batching}`, async () => {
      const store = await encrypted({ batching });
      await Promise.all(Array.from({ length: 50 }, (_, n) => store.set(`sid${n}`, session({ n, text: 'x'.repeat(n * 100) }))));
      const read = await Promise.all(Array.from({ length: 50 }, (_, n) => store.get(`sid${n}`)));
      read.forEach((one, n) => assert.deepEqual(one, session({ n, text: 'x'.repeat(n * 100) })));
      for await (const document of raw(store).find()) {
        assert.deepEqual(Object.keys(document).sort(), ['_id', 'cookie', 'expires', 'session']);
        assert.ok(!Buffer.from(bson.serialize(document)).includes('ada lovelace'));
      }
    });
  }

  it('is read by node:crypto alone, with the format of the documentation', async () => {
    const store = await encrypted();
    await store.set('sid', session());
    const stored = await raw(store).findOne();
    assert.deepEqual(bson.deserialize(open(SECRET, 'session', 'sid', stored.session.buffer)), { session: session() });
    assert.deepEqual(bson.deserialize(open(SECRET, 'cookie', 'sid', stored.cookie.buffer)), { cookie: session().cookie });
  });

  it('reads what node:crypto wrote', async () => {
    const store = await encrypted();
    const record = seal(SECRET, 'session', 'sid', bson.serialize({ session: session({ from: 'elsewhere' }) }));
    await raw(store).insertOne({ _id: 'sid', session: record });
    assert.deepEqual(await store.get('sid'), session({ from: 'elsewhere' }));
  });

  it('takes a passphrase', async () => {
    const secret = 'correct horse battery staple';
    const store = await encrypted({ crypto: { secret } });
    await store.set('sid', session());
    const stored = await raw(store).findOne();
    assert.deepEqual(bson.deserialize(open(secret, 'session', 'sid', stored.session.buffer)), { session: session() });
    assert.deepEqual(await store.get('sid'), session());
  });

  it('touch moves expiry and cookie, never the data', async () => {
    const store = await encrypted();
    await store.set('sid', session());
    const before = await raw(store).findOne();
    const expires = new Date(Date.now() + 5e6);
    await store.touch('sid', { cookie: { path: '/', expires }, user: 'somebody else' });
    const after = await raw(store).findOne();
    assert.deepEqual(after.session, before.session);
    assert.deepEqual(after.expires, expires);
    assert.deepEqual(await store.get('sid'), session({ cookie: { path: '/', expires } }));
    await store.set('sid', session({ again: true }));
    assert.deepEqual(await store.get('sid'), session({ again: true }));
  });

  it('works with other fields, and with all, length, ids, clear', async () => {
    const store = await encrypted({ idField: 'sid', expiresKey: '_ts' });
    await store.set('a', session({ n: 1 }));
    await store.set('b', session({ n: 2 }));
    const all = await store.all();
    assert.deepEqual(all.map(({ sid, session: { n } }) => [sid, n]).sort(), [['a', 1], ['b', 2]]);
    assert.equal(await store.length(), 2);
    assert.deepEqual((await store.ids()).sort(), ['a', 'b']);
    await store.clear();
    assert.equal(await store.get('a'), undefined);
  });

  it('works with preventResurrection and touchAfter', async () => {
    const store = await encrypted({ preventResurrection: true, touchAfter: 60 });
    await store.set('sid', session());
    const loaded = await store.get('sid');
    await store.destroy('sid');
    await store.set('sid', loaded);
    assert.equal(await store.get('sid'), undefined);
  });

  describe('migration', () => {
    it('reads plaintext sessions, which are encrypted when they are saved; a touch leaves them readable', async () => {
      const plain = await stores.connected();
      const store = await encrypted({ collection: plain.options.collection });
      await plain.set('sid', session());
      assert.deepEqual(await store.get('sid'), session());
      await store.touch('sid', { cookie: { path: '/touched' } });
      assert.deepEqual((await store.get('sid')).cookie, session().cookie);
      assert.equal((await plain.get('sid')).user, 'ada lovelace');
      await store.set('sid', session());
      assert.equal((await raw(store).findOne()).session._bsontype, 'Binary');
    });

    it('refuses plaintext sessions with crypto.required', async () => {
      const plain = await stores.connected();
      const store = await encrypted({ collection: plain.options.collection, crypto: { secret: SECRET, required: true } });
      await plain.set('sid', session());
      await assert.rejects(store.get('sid'), {
        message: 'Error finding sid: the stored session is not encrypted, and crypto.required is true'
      });
    });

    it('an encrypted session is an error for a store without crypto', async () => {
      const store = await encrypted();
      await store.set('sid', session());
      const plain = await stores.connected({ collection: store.options.collection });
      await assert.rejects(plain.get('sid'), {
        message: 'Error finding sid: the stored session is encrypted, and the option crypto is not given'
      });
      await assert.rejects(plain.all(), {
        message: 'Error gathering sessions: sid: the stored session is encrypted, and the option crypto is not given'
      });
    });

    it('the first secret encrypts, all decrypt, others do not', async () => {
      const [before, after] = [randomBytes(32), randomBytes(32)];
      const old = await encrypted({ crypto: { secret: before } });
      await old.set('sid', session());
      const { collection } = old.options;
      const rotating = await encrypted({ collection, crypto: { secret: [after, before] } });
      const loaded = await rotating.get('sid');
      await rotating.set('sid', loaded);
      assert.deepEqual(await (await encrypted({ collection, crypto: { secret: after } })).get('sid'), session());
      await assert.rejects(old.get('sid'), {
        message: 'Error finding sid: the stored session cannot be decrypted: it was encrypted with a secret that is not in crypto.secret'
      });
    });
  });

  it('a session that was changed, moved, cut or swapped is an error, and others are not harmed', async () => {
    const store = await encrypted();
    await Promise.all(['a', 'b', 'c', 'd', 'fine'].map((sid) => store.set(sid, session({ sid }))));
    const collection = raw(store);
    const record = async (sid) => (await collection.findOne({ _id: sid })).session.buffer;
    const changed = Buffer.from(await record('a'));
    changed[40] ^= 1;
    await collection.updateOne({ _id: 'a' }, { $set: { session: changed } });
    await collection.updateOne({ _id: 'b' }, { $set: { session: await record('fine') } });
    await collection.updateOne({ _id: 'c' }, { $set: { session: Buffer.from(await record('c')).subarray(0, 20) } });
    await collection.updateOne({ _id: 'd' }, { $set: { session: Buffer.from('junk') } });
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'fine'].map((sid) => store.get(sid)));
    assert.deepEqual(outcomes.map(({ status }) => status), ['rejected', 'rejected', 'rejected', 'rejected', 'fulfilled']);
    for (const { reason } of outcomes.slice(0, 4)) assert.match(reason.message, /cannot be decrypted: /);
    assert.deepEqual(outcomes[4].value, session({ sid: 'fine' }));
    await assert.rejects(store.all(), /Error gathering sessions: .*cannot be decrypted/);
  });

  it('is shown by no inspection of the store, and by no JSON of its options', async () => {
    const secret = 'marked-secret-passphrase';
    const store = await encrypted({ crypto: { secret } });
    const shown = [
      inspect(store, { depth: Infinity, showHidden: false }), inspect(store.options), inspect(internalsOf(store), { showHidden: true, depth: Infinity }),
      JSON.stringify(store.options)
    ].join();
    assert.doesNotMatch(shown, /marked-secret/);
  });

  for (const [crypto, message] of [
    ['marked-secret', 'crypto: must be an object such as { secret: process.env.SESSION_KEY }; got a value of type string'],
    [{}, 'crypto: secret must be a passphrase (a string), at least 32 random bytes (a Buffer or Uint8Array), or an array of those; got undefined'],
    [{ secret: 'short' }, 'crypto: secret must be a passphrase of at least 8 characters; got one of 5'],
    [{ secret: Buffer.alloc(16) }, 'crypto: secret must be at least 32 random bytes; got 16'],
    [{ secret: [] }, 'crypto: secret must have at least one secret; got an empty array'],
    [{ secret: 7 }, 'crypto: secret must be a passphrase (a string), at least 32 random bytes (a Buffer or Uint8Array), or an array of those; got a value of type number'],
    [{ secret: SECRET, required: 'yes' }, 'crypto: required must be a boolean; got a value of type string'],
    [{ secret: SECRET, algorithm: 'rot13' }, 'crypto: has no `algorithm`; it takes `secret`, `required` and `connectMongo`']
  ]) {
    it(`refuses what it cannot use: ${message}`, () => {
      assert.throws(() => stores.open({ crypto }), { name: 'CastError', message });
    });
  }

  it('refuses what cannot be had together', () => {
    assert.throws(() => stores.open({ crypto: { secret: SECRET }, partialUpdates: true }), {
      name: 'TypeError', message: /^partialUpdates cannot be used with crypto/
    });
    assert.throws(() => stores.open({ crypto: { secret: SECRET }, idField: 'cookie' }), { name: 'TypeError', message: /"cookie"/ });
  });
});
