'use strict';

/** What applications put in the place of the parts that the original's methods use. */

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const impl = require('../support/impl');
const { ask, useStores } = require('../support/stores');

const SESSION = { cookie: {}, n: 1 };

describe(`what an application replaces [${impl.name}]`, function replaced() {
  this.timeout(60_000);
  const stores = useStores();

  it('another collection of the driver, set as `store.collection`, is the one that is used', async () => {
    const store = await stores.connected();
    store.collection = store.db.collection('another');
    const another = stores.db.collection('another');
    await ask(store, 'set', 'sid', SESSION);
    assert.deepEqual((await another.findOne({ _id: 'sid' })).session, SESSION);
    assert.equal(await stores.rows(store).countDocuments(), 0);
    assert.deepEqual(await ask(store, 'get', 'sid'), SESSION);
    await ask(store, 'set', 'other', SESSION);
    await ask(store, 'destroy', 'sid');
    assert.deepEqual(await another.distinct('_id'), ['other']);
    await ask(store, 'clear');
    assert.equal(await another.countDocuments(), 0);
  });

  it('an object with the methods of a collection, set as `store.collection`, is the one that is used', async () => {
    const store = await stores.connected();
    const called = [];
    store.collection = {
      findOne: async (query) => called.push(['findOne', query]) && { session: SESSION },
      updateOne: async (query, update, options) => called.push(['updateOne', query, Object.keys(update.$set), options]) && {},
      deleteOne: async (query) => called.push(['deleteOne', query]) && {},
      deleteMany: async (query) => called.push(['deleteMany', query]) && {}
    };
    assert.deepEqual(await ask(store, 'get', 'sid'), SESSION);
    await ask(store, 'set', 'sid', SESSION);
    await ask(store, 'destroy', 'sid');
    await ask(store, 'clear');
    assert.deepEqual(called, [
      ['findOne', { _id: 'sid' }], ['updateOne', { _id: 'sid' }, ['_id', 'session', 'expires'], { upsert: true }],
      ['deleteOne', { _id: 'sid' }], ['deleteMany', {}]
    ]);
  });

  it('a derived class\'s `_generateQuery` says where a session is', async () => {
    class Tenant extends impl.factory(expressSession) {
      _generateQuery(id) {
        return { ...super._generateQuery(id), tenant: 'a' };
      }
    }
    const store = await new Promise((resolve, reject) => {
      const opened = stores.track(new Tenant({ uri: stores.uri, collection: 'tenants' }, (error) => (error ? reject(error) : resolve(opened))));
    });
    await ask(store, 'set', 'sid', SESSION);
    assert.equal((await stores.rows(store).findOne({ _id: 'sid' })).tenant, 'a');
    assert.deepEqual(await ask(store, 'get', 'sid'), SESSION);
    await stores.rows(store).updateOne({ _id: 'sid' }, { $set: { tenant: 'b' } });
    assert.equal(await ask(store, 'get', 'sid'), undefined);
    await ask(store, 'destroy', 'sid');
    assert.equal(await stores.rows(store).countDocuments(), 1);
  });
});
