'use strict';

const assert = require('node:assert/strict');
const { createHash, createHmac, hkdfSync, randomBytes } = require('node:crypto');
const { useStores } = require('../support/stores');

const sha256 = (id) => createHash('sha256').update(id).digest('hex');
const hmac = (secret, id) => {
  const key = Buffer.from(hkdfSync('sha256', secret, 'connect-mongodb-session', 'session ids v1', 32));
  return createHmac('sha256', key).update(id).digest('hex');
};
const session = (more) => ({ cookie: { path: '/' }, ...more });

describe('ids as they are stored', () => {
  const stores = useStores();
  const storedIds = (store) => stores.db.collection(store.options.collection).distinct(store.options.idField);

  const WAYS = {
    'hashIds stores the SHA-256 of an id': [{ hashIds: true }, sha256],
    'hashIds works with another idField': [{ hashIds: true, idField: 'sid' }, sha256],
    'transformId stores what it gives': [{ transformId: (id) => `sess:${id}` }, (id) => `sess:${id}`],
    'transformId comes first, hashIds after it': [{ hashIds: true, transformId: (id) => `sess:${id}` }, (id) => sha256(`sess:${id}`)],
    'both work with preventResurrection and partialUpdates': [
      { hashIds: true, preventResurrection: true, partialUpdates: true }, sha256
    ]
  };

  for (const [title, [options, expected]] of Object.entries(WAYS)) {
    it(`${title}, for every operation`, async () => {
      const store = await stores.connected(options);
      await Promise.all(['a', 'b', 'c'].map((sid) => store.set(sid, session({ sid }))));
      assert.deepEqual(await storedIds(store), ['a', 'b', 'c'].map(expected).sort());
      assert.deepEqual((await store.ids()).sort(), ['a', 'b', 'c'].map(expected).sort());
      const loaded = await store.get('a');
      assert.equal(loaded.sid, 'a');
      loaded.again = true;
      await store.set('a', loaded);
      assert.deepEqual(await store.get('a'), { ...loaded });
      const expires = new Date(Date.now() + 1e6);
      await store.touch('a', session({ cookie: { path: '/', expires } }));
      assert.deepEqual((await store.get('a')).cookie.expires, expires);
      await store.destroy('a');
      await store.destroy(['b', 'nobody']);
      assert.deepEqual(await storedIds(store), [expected('c')]);
    });
  }

  it('with crypto, hashIds is an HMAC that takes the secret to make', async () => {
    const secret = randomBytes(32);
    const store = await stores.connected({ hashIds: true, crypto: { secret } });
    await store.set('a', session({ n: 1 }));
    assert.deepEqual(await storedIds(store), [hmac(secret, 'a')]);
    assert.equal((await store.get('a')).n, 1);
  });

  it('a new secret logs nobody out: sessions are found under the earlier one, and move when they are saved', async () => {
    const [before, after] = [randomBytes(32), randomBytes(32)];
    const old = await stores.connected({ hashIds: true, crypto: { secret: before } });
    await Promise.all(['a', 'b'].map((sid) => old.set(sid, session({ sid }))));
    const store = await stores.connected({
      collection: old.options.collection, hashIds: true, crypto: { secret: [after, before] }
    });
    const expires = new Date(Date.now() + 1e6);
    await store.touch('b', session({ cookie: { path: '/', expires } }));
    assert.deepEqual((await store.get('b')).cookie.expires, expires);
    await store.set('a', await store.get('a'));
    assert.deepEqual(await storedIds(store), [hmac(after, 'a'), hmac(before, 'b')].sort());
    assert.deepEqual([(await store.get('a')).sid, (await store.get('b')).sid], ['a', 'b']);
    await store.destroy('b');
    assert.deepEqual(await storedIds(store), [hmac(after, 'a')]);
  });

  it('a session loaded under an earlier secret, and destroyed elsewhere, is not brought back with preventResurrection', async () => {
    const [before, after] = [randomBytes(32), randomBytes(32)];
    const old = await stores.connected({ hashIds: true, crypto: { secret: before } });
    await old.set('a', session({ n: 1 }));
    await old.set('b', session({ n: 1 }));
    const store = await stores.connected({
      collection: old.options.collection, hashIds: true, crypto: { secret: [after, before] }, preventResurrection: true
    });
    const [loaded, other] = [await store.get('a'), await store.get('b')];
    await old.destroy('a');
    await store.set('a', loaded);
    assert.equal(await store.get('a'), undefined);
    await store.set('b', Object.assign(other, { n: 2 }));
    assert.equal((await store.get('b')).n, 2);
    assert.equal(await store.length(), 1);
  });

  it('takes a passphrase, at once and later', async () => {
    const store = await stores.connected({ hashIds: true, crypto: { secret: 'correct horse battery staple' } });
    await store.set('a', session({ n: 1 }));
    assert.equal((await store.get('a')).n, 1);
    assert.match((await storedIds(store))[0], /^[0-9a-f]{64}$/);
  });

  for (const given of [undefined, '', 7, Promise.resolve('a')]) {
    it(`what transformId gives must be a text that is not empty; ${String(given) || "''"} is an error of the operation`, async () => {
      const store = await stores.connected({ transformId: () => given });
      for (const work of [() => store.get('a'), () => store.set('a', session()), () => store.touch('a', session()), () => store.destroy('a')]) {
        await assert.rejects(work(), { name: 'TypeError', message: /the option transformId must give a string that is not empty; got / });
      }
      assert.equal(await store.length(), 0);
    });
  }

  it('what transformId throws is the error of the operation', async () => {
    const store = await stores.connected({ transformId() { throw new Error('no idea'); } });
    await assert.rejects(store.get('a'), { message: 'Error finding a: no idea' });
  });

  it('refuses options that are something else', () => {
    assert.throws(() => stores.open({ transformId: 'upper' }), { name: 'CastError', message: "transformId: must be a function; got 'upper'" });
    assert.throws(() => stores.open({ hashIds: 'sha256' }), { name: 'CastError', message: /^hashIds: Could not cast/ });
  });
});
