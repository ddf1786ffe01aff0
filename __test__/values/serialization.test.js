'use strict';

const assert = require('node:assert/strict');
const { randomBytes } = require('node:crypto');
const { useStores } = require('../support/stores');

const session = (more) => ({ cookie: { path: '/', originalMaxAge: null }, user: 'ada', ...more });

describe('serialize and unserialize', () => {
  const stores = useStores();
  const raw = (store) => stores.db.collection(store.options.collection);
  const wrapped = {
    serialize: (given) => ({ v: 1, content: JSON.stringify(given) }),
    unserialize: ({ content }) => JSON.parse(content)
  };

  for (const [way, options] of Object.entries({
    'as they are': {}, 'not batched': { batching: false }, 'encrypted': { crypto: { secret: randomBytes(32) } },
    'with partialUpdates and preventResurrection': { partialUpdates: true, preventResurrection: true }
  })) {
    it(`decide what is stored and what is read: ${way}`, async () => {
      const store = await stores.connected({ ...wrapped, ...options });
      await store.set('sid', session());
      if (!options.crypto) assert.deepEqual((await raw(store).findOne()).session, { v: 1, content: JSON.stringify(session()) });
      const loaded = await store.get('sid');
      assert.deepEqual(loaded, session());
      loaded.user = 'bob';
      await store.set('sid', loaded);
      assert.equal((await store.get('sid')).user, 'bob');
      assert.deepEqual((await store.all()).map((document) => document.session.user), ['bob']);
    });

    it(`may give text: ${way}`, async () => {
      const store = await stores.connected({ serialize: (given) => JSON.stringify(given), ...options });
      await store.set('sid', session());
      assert.deepEqual(await store.get('sid'), session());
    });
  }

  it('leave what is stored alone when a session is touched', async () => {
    const store = await stores.connected(wrapped);
    await store.set('sid', session());
    const expires = new Date(Date.now() + 1e6);
    await store.touch('sid', session({ cookie: { path: '/elsewhere', expires } }));
    const stored = await raw(store).findOne();
    assert.deepEqual([stored.expires, stored.session.content], [expires, JSON.stringify(session())]);
  });

  const dated = (expires) => session({ cookie: { path: '/', originalMaxAge: 1e6, expires } });
  for (const [way, options] of Object.entries({
    'as text': { serialize: JSON.stringify }, 'as something else': wrapped, 'as a document': { serialize: (given) => ({ ...given, by: 'us' }) },
    'encrypted': { ...wrapped, crypto: { secret: randomBytes(32) } }
  })) {
    it(`after a touch, the cookie that is read expires when the session does: ${way}`, async () => {
      const store = await stores.connected(options);
      const [first, later] = [new Date(Date.now() + 1e6), new Date(Date.now() + 2e6)];
      await store.set('sid', dated(first));
      assert.equal(new Date((await store.get('sid')).cookie.expires).getTime(), first.getTime());
      await store.touch('sid', dated(later));
      const read = await store.get('sid');
      assert.equal(new Date(read.cookie.expires).getTime(), later.getTime());
      assert.equal(typeof read.cookie.expires, way === 'as a document' ? 'object' : 'string');
      assert.equal(read.cookie.originalMaxAge, 1e6);
      assert.equal(new Date((await store.all())[0].session.cookie.expires).getTime(), later.getTime());
    });
  }

  it('a cookie without a date, or of a class of the application, is given as it is', async () => {
    class Cookie {
      get expires() {
        return new Date(0);
      }

      set expires(date) {
        throw new Error(`set to ${date}`);
      }
    }
    const store = await stores.connected({ unserialize: (stored) => ({ ...stored, cookie: stored.own ? new Cookie() : stored.cookie }) });
    for (const cookie of [{ expires: null }, { expires: 'some day' }, { expires: 7 }, {}]) {
      await store.set('sid', { cookie });
      await stores.rows(store).updateOne({}, { $set: { expires: new Date(Date.now() + 1e6) } });
      assert.deepEqual((await store.get('sid')).cookie, cookie);
    }
    await store.set('own', { cookie: {}, own: true });
    assert.deepEqual((await store.get('own')).cookie.expires, new Date(0));
  });

  for (const given of [undefined, null, () => {}, Promise.resolve({})]) {
    const kind = given instanceof Promise ? 'a promise' : typeof given === 'function' ? 'a value of type function' : String(given);
    it(`what serialize gives must be something that can be stored, at once; got ${kind}`, async () => {
      const store = await stores.connected({ serialize: () => given });
      await assert.rejects(store.set('sid', session()), (error) => {
        assert.equal(error.cause.message, `the option serialize must give what is to be stored, at once; got ${kind}`);
        return true;
      });
      assert.equal(await store.length(), 0);
    });
  }

  for (const given of [undefined, null, 'text', Promise.resolve({})]) {
    it(`what unserialize gives must be a session, at once; not ${given instanceof Promise ? 'a promise' : given}`, async () => {
      const store = await stores.connected({ unserialize: () => given });
      await store.set('sid', session());
      await assert.rejects(store.get('sid'), { message: /^Error finding sid: the option unserialize must give a session, at once; got / });
    });
  }

  it('what they throw is the error of the operation', async () => {
    const store = await stores.connected({ serialize() { throw new Error('not this one'); }, unserialize() { throw new Error('nor that'); } });
    await assert.rejects(store.set('sid', session()), { message: /: not this one$/ });
    await raw(store).insertOne({ _id: 'sid', session: {} });
    await assert.rejects(store.get('sid'), { message: 'Error finding sid: nor that' });
  });
});
