'use strict';

/** The option `cryptoAdapter` of connect-mongo's door: the application encrypts, asynchronously. */

const assert = require('node:assert/strict');
const { createWebCryptoAdapter: theirAdapter } = require('connect-mongo');
const { createWebCryptoAdapter } = require('../../lib/entries/connect-mongo');
const { uniqueName } = require('../support/server');
const { ask, called, useDoors } = require('./doors');

const session = (more) => ({ cookie: { originalMaxAge: 60_000 }, ...more });
const decrypt = async (text) => text.replace(/^enc:/, '');

describe('the option cryptoAdapter', () => {
  const doors = useDoors();

  /** An adapter that encrypts when it is let. */
  function held() {
    const waiting = [];
    const encrypt = (text) => new Promise((resolve, reject) => waiting.push({ text, resolve: () => resolve(`enc:${text}`), reject }));
    return { adapter: { encrypt, decrypt }, waiting };
  }

  it('keeps the order of saves of one session, whichever is encrypted first', async () => {
    const { adapter, waiting } = held();
    const store = doors.open({ cryptoAdapter: adapter });
    const saved = [1, 2, 3].map((n) => store.set('a', session({ n })));
    assert.equal(waiting.length, 3);
    for (const { resolve } of [...waiting].reverse()) {
      resolve();
      await new Promise(setImmediate);
    }
    await Promise.all(saved);
    assert.equal((await ask(store, 'get', 'a')).n, 3);
  });

  it('lets later operations see and change what was saved before, though it is still being encrypted', async () => {
    const { adapter, waiting } = held();
    const store = doors.open({ cryptoAdapter: adapter });
    const ended = Promise.all([
      store.set('a', session({ n: 1 })), store.get('a'), store.set('b', session()), store.destroy('b'), store.get('b')
    ]);
    await new Promise(setImmediate);
    for (const { resolve } of waiting) resolve();
    const [, first, , , second] = await ended;
    assert.deepEqual([first.n, second], [1, null]);
  });

  it('clears nothing before what was saved before is on its way', async () => {
    const { adapter, waiting } = held();
    const collectionName = uniqueName('c');
    const [store, other] = [doors.open({ collectionName, cryptoAdapter: adapter }), doors.open({ collectionName })];
    await other.set('there', session());
    const saved = store.set('a', session());
    const cleared = store.clear();
    for (let asked = 0; asked < 5; asked++) assert.equal(await other.length(), 1);
    waiting[0].resolve();
    await Promise.all([saved, cleared]);
    assert.equal(await other.get('there'), null);
  });

  it('makes nobody else wait', async () => {
    const { adapter, waiting } = held();
    const store = doors.open({ cryptoAdapter: adapter });
    const saved = store.set('a', session());
    assert.equal(await store.get('b'), null);
    waiting[0].resolve();
    await saved;
  });

  it('goes on after an encryption that failed', async () => {
    const { adapter, waiting } = held();
    const store = doors.open({ cryptoAdapter: adapter });
    const [failed, saved, read] = [called(store, 'set', 'a', session({ n: 1 })), store.set('a', session({ n: 2 })), store.get('a')];
    const failure = new Error('no key');
    waiting[0].reject(failure);
    waiting[1].resolve();
    assert.deepEqual(await failed, [failure]);
    await saved;
    assert.equal((await read).n, 2);
  });

  for (const [what, encrypt, message] of [
    ['throws', () => { throw new Error('no key'); }, /^no key$/], ['gives no text', async () => Buffer.from('a'), /^cryptoAdapter\.encrypt must give a string; got a value of type object$/]
  ]) {
    it(`stores nothing when encrypt ${what}`, async () => {
      const store = doors.open({ cryptoAdapter: { encrypt, decrypt } });
      assert.match((await called(store, 'set', 'a', session()))[0].message, message);
      assert.equal(await doors.rows(store).countDocuments(), 0);
    });
  }

  it('gives what decrypt rejects with, once, and names the session among all', async () => {
    const failure = new Error('bad secret');
    const store = doors.open({ cryptoAdapter: { encrypt: async (text) => text, decrypt: async () => { throw failure; } } });
    await ask(store, 'set', 'a', session());
    assert.deepEqual(await called(store, 'get', 'a'), [failure]);
    assert.equal((await called(store, 'all'))[0].message, 'a: bad secret');
  });

  it('decrypts what find gives', async () => {
    const store = doors.open({ cryptoAdapter: { encrypt: async (text) => `enc:${text}`, decrypt } });
    await ask(store, 'set', 'a', session({ n: 1 }));
    const found = [];
    for await (const document of store.find({ _id: 'a' })) found.push(document.session.n);
    assert.deepEqual(found, [1]);
  });

  it('does not decrypt a session that has expired', async () => {
    const store = doors.open({ cryptoAdapter: { encrypt: async (text) => text, decrypt: () => assert.fail('asked') } });
    await doors.rows(store).insertOne({ _id: 'a', session: 'enc', expires: new Date(Date.now() - 1000) });
    assert.deepEqual(await called(store, 'get', 'a'), [null, null]);
  });

  it('gives unserialize what serialize gave', async () => {
    const cryptoAdapter = { encrypt: async (text) => `enc:${text}`, decrypt };
    const serialize = (data) => ({ ...data, marker: true });
    const unserialize = ({ marker, ...data }) => ({ ...data, had: marker });
    for (const stringify of [true, false]) {
      const [ours, theirs] = doors.openBoth({ cryptoAdapter, serialize, unserialize, stringify });
      await ask(ours, 'set', 'a', session({ n: 1 }));
      for (const store of [ours, theirs]) assert.deepEqual(await ask(store, 'get', 'a'), session({ n: 1, had: true }));
    }
  });

  for (const options of [{}, { encoding: 'hex' }, { encoding: 'base64url', salt: 'salt', iterations: 1000 }, { algorithm: 'AES-CBC', salt: new Uint8Array(8) }, { ivLength: 16 }]) {
    it(`createWebCryptoAdapter reads and writes as connect-mongo's: ${JSON.stringify(options)}`, async () => {
      const secret = 'squirrel squirrel';
      const [ours, theirs] = [createWebCryptoAdapter({ secret, ...options }), theirAdapter({ secret, ...options })];
      const text = JSON.stringify(session({ name: 'Zoë' }));
      assert.equal(await theirs.decrypt(await ours.encrypt(text)), text);
      assert.equal(await ours.decrypt(await theirs.encrypt(text)), text);
      // AES-CBC is not authenticated: under another key, what comes out may by chance be padded as it should.
      const opened = await createWebCryptoAdapter({ ...options, secret: 'another' }).decrypt(await ours.encrypt(text)).catch(() => undefined);
      if (options.algorithm === 'AES-CBC') assert.notEqual(opened, text);
      else assert.equal(opened, undefined);
    });
  }

  for (const [options, message] of [
    [{}, /^createWebCryptoAdapter requires a secret$/], [{ secret: 7 }, /takes a string or bytes as secret; got a value of type number$/],
    [{ secret: 'a', algorithm: 'AES' }, /takes 'AES-GCM', 'AES-CBC' as algorithm; got AES$/], [{ secret: 'a', encoding: 'utf8' }, /as encoding; got utf8$/]
  ]) {
    it(`createWebCryptoAdapter refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => createWebCryptoAdapter(options), { name: 'TypeError', message });
    });
  }
});
