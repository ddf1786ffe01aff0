'use strict';

const assert = require('node:assert/strict');
const { useStores } = require('../support/stores');

const PAST = new Date(0);
const SETTINGS = { 'by _id': {}, 'by a field of its own': { idField: 'sid', expiresKey: 'until' }, 'by a path': { idField: 'meta.sid' } };

describe('operations on many sessions', () => {
  const stores = useStores();

  for (const [setting, options] of Object.entries(SETTINGS)) {
    describe(setting, () => {
      let store;

      beforeEach(async () => {
        store = await stores.connected(options);
        await Promise.all(['ada', 'bob', 'eve', 'joe'].map((sid, n) => {
          return store.set(sid, { cookie: {}, user: n % 2, roles: ['reader'] });
        }));
        await store.set('old', { cookie: { expires: PAST } });
      });

      it('ids gives those of live sessions', async () => {
        assert.deepEqual((await store.ids()).sort(), ['ada', 'bob', 'eve', 'joe']);
      });

      it('ids calls back', (done) => {
        store.ids((error, ids) => {
          assert.equal(error, null);
          assert.equal(ids.length, 4);
          done();
        });
      });

      it('destroy takes many ids; those that are not there are no error', async () => {
        assert.equal(await store.destroy(['ada', 'nobody', 'joe']), undefined);
        assert.deepEqual((await store.ids()).sort(), ['bob', 'eve']);
      });

      it('destroy of no ids does nothing', async () => {
        await store.destroy([]);
        assert.equal(await store.length(), 4);
      });

      it('destroy deletes none when one of them is no string', async () => {
        await assert.rejects(store.destroy(['ada', { $ne: null }]), {
          name: 'TypeError',
          message: 'Error destroying sessions: the session id must be a string; got a value of type object ({ \'$ne\': null })'
        });
        assert.equal(await store.length(), 4);
      });

      it('destroyWhere logs a user out everywhere and says how many sessions that were', async () => {
        assert.equal(await store.destroyWhere({ 'session.user': 1, 'session.roles': 'reader' }), 2);
        assert.deepEqual((await store.ids()).sort(), ['ada', 'eve']);
        assert.equal(await store.destroyWhere({ 'session.user': 1 }), 0);
      });

      it('destroyWhere calls back', (done) => {
        store.destroyWhere({ 'session.user': 0 }, (error, count) => {
          assert.equal(error, null);
          assert.equal(count, 2);
          done();
        });
      });
    });
  }

  for (const filter of [undefined, null, {}, { a: undefined }, [], [{ a: 1 }], 'ada', 7, () => {}]) {
    it(`destroyWhere refuses what would delete everything, or means nothing: ${JSON.stringify(filter) ?? typeof filter}`, async () => {
      const store = await stores.connected();
      await store.set('ada', { cookie: {} });
      const heard = [];
      store.on('error', (error) => heard.push(error.message));
      await assert.rejects(store.destroyWhere(filter), (error) => {
        assert.match(error.message, /^Error destroying sessions: destroyWhere takes a plain object with at least one condition, such as .* call clear\(\)$/);
        assert.deepEqual(heard, [error.message]);
        return true;
      });
      assert.equal(await store.length(), 1);
    });
  }

  it('destroy of many goes on where one fails, and gives the first error', async () => {
    const store = await stores.connected();
    await Promise.all(['a', 'b', 'c', 'd'].map((sid) => store.set(sid, { cookie: {} })));
    const { deleteOne } = store.collection;
    store.collection.deleteOne = async (query) => {
      if (query._id === 'b' || query._id === 'c') throw new Error(`not ${query._id}`);
      return deleteOne.call(store.collection, query);
    };
    await assert.rejects(store.destroy(['a', 'b', 'c', 'd']), { message: 'Error destroying sessions: not b' });
    assert.deepEqual((await store.ids()).sort(), ['b', 'c']);
  });

  it('what the server refuses is an error', async () => {
    const store = await stores.connected();
    await assert.rejects(store.destroyWhere({ $nonsense: 1 }), /^Error: Error destroying sessions: unknown top level operator: \$nonsense/);
  });
});
