'use strict';

const assert = require('node:assert/strict');
const { MongoClient } = require('mongodb');
const impl = require('../support/impl');
const { useStores, call, ask, refusal, eventually } = require('../support/stores');
const { difference } = require('./differences');

const HOUR = 60 * 60 * 1000;

describe(`destroy, clear, all and what they share [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();

  async function holding(ids, options) {
    const store = await stores.connected(options);
    await Promise.all(ids.map(sid => ask(store, 'set', sid, { cookie: {}, sid })));
    return store;
  }

  const idsIn = async store => (await stores.rows(store).distinct(store.options.idField)).sort();

  describe('destroy', () => {
    it('deletes the one session', async () => {
      const store = await holding(['a', 'b']);
      const { args, sync, returned } = await call(store, 'destroy', 'a');
      assert.deepEqual(args, []);
      assert.equal(sync, false);
      assert.equal(returned, undefined);
      assert.deepEqual(await idsIn(store), ['b']);
    });

    it('is content when there is none', async () => {
      assert.deepEqual((await call(await stores.connected(), 'destroy', 'nobody')).args, []);
    });

    it('deletes by a custom idField', async () => {
      const store = await holding(['a', 'b'], { idField: 'sessionId' });
      await ask(store, 'destroy', 'a');
      assert.deepEqual(await idsIn(store), ['b']);
    });

    it('needs no callback', async () => {
      const store = await holding(['a', 'b']);
      store.destroy('a');
      await eventually(async () => (await idsIn(store)).join() === 'b');
    });

    it('reports an error of the driver', async () => {
      const store = await stores.connected();
      store.collection.deleteOne = async () => { throw new Error('roadrunners'); };
      assert.equal((await refusal(store, 'destroy', 'a1')).message, 'Error destroying a1: roadrunners');
    });
  });

  describe('clear', () => {
    it('deletes all sessions', async () => {
      const store = await holding(['a', 'b', 'c']);
      const { args, sync, returned } = await call(store, 'clear');
      assert.deepEqual(args, []);
      assert.equal(sync, false);
      assert.equal(returned, undefined);
      assert.deepEqual(await idsIn(store), []);
    });

    it('leaves other collections alone', async () => {
      const store = await holding(['a']);
      const other = await holding(['b']);
      await ask(store, 'clear');
      assert.deepEqual(await idsIn(other), ['b']);
    });

    it('needs no callback', async () => {
      const store = await holding(['a', 'b']);
      store.clear();
      await eventually(async () => (await idsIn(store)).length === 0);
    });

    it('reports an error of the driver', async () => {
      const store = await stores.connected();
      store.collection.deleteMany = async () => { throw new Error('clear issue'); };
      assert.equal((await refusal(store, 'clear')).message, 'Error clearing all sessions: clear issue');
    });
  });

  describe('all', () => {
    difference('all', {
      original: async () => {
        const store = await holding(['a']);
        let called = 0;
        assert.equal(store.all(() => called++), undefined);
        // Later operations on the same store are answered; this one never is.
        await ask(store, 'get', 'a');
        await ask(store, 'get', 'a');
        assert.equal(called, 0);
      },
      ours: async () => {
        const store = await holding(['a', 'b']);
        const { args, sync, returned } = await call(store, 'all');
        assert.equal(sync, false);
        assert.equal(returned, undefined);
        assert.equal(args[0], null);
        assert.deepEqual(args[1].sort((x, y) => x._id < y._id ? -1 : 1),
          await stores.rows(store).find().sort({ _id: 1 }).toArray());
      }
    });

    difference('all', {
      aspect: 'not the expired ones, by expiresKey',
      ours: async () => {
        const store = await holding(['a'], { idField: 'sessionId', expiresKey: 'validUntil' });
        await stores.rows(store).insertMany([
          { sessionId: 'dead', session: {}, validUntil: new Date(Date.now() - HOUR) },
          { sessionId: 'timeless', session: {} },
          { sessionId: 'numbered', session: {}, validUntil: 5 }
        ]);
        const found = await ask(store, 'all');
        assert.deepEqual(found.map(document => document.sessionId).sort(), ['a', 'numbered', 'timeless']);
      }
    });

    difference('all', {
      aspect: 'none is an empty array; several batches of the server are one array',
      ours: async () => {
        const store = await stores.connected();
        assert.deepEqual(await ask(store, 'all'), []);
        await stores.rows(store).insertMany(Array.from({ length: 350 }, (_, n) => ({ _id: `s${n}`, session: { n } })));
        assert.equal((await ask(store, 'all')).length, 350);
      }
    });
  });

  describe('length', () => {
    difference('length', {
      original: async () => assert.equal((await stores.connected()).length, undefined),
      ours: async () => {
        const store = await holding(['a', 'b']);
        await stores.rows(store).insertOne({ _id: 'dead', session: {}, expires: new Date(Date.now() - HOUR) });
        const { args, sync } = await call(store, 'length');
        assert.deepEqual(args, [null, 2]);
        assert.equal(sync, false);
      }
    });
  });

  describe('without a callback', () => {
    difference('promises', {
      original: async () => {
        const store = await holding(['a']);
        // One after the other: what it sends at the same time arrives in any order.
        for (const [begin, left] of [[() => store.set('b', { cookie: {} }), 2], [() => store.destroy('b'), 1], [() => store.clear(), 0]]) {
          assert.equal(begin(), undefined);
          await eventually(async () => (await idsIn(store)).length === left);
        }
      },
      ours: async () => {
        const store = await stores.connected();
        assert.equal(await store.set('a', { cookie: {}, n: 1 }), undefined);
        assert.deepEqual(await store.get('a'), { cookie: {}, n: 1 });
        assert.equal((await store.all()).length, 1);
        assert.equal(await store.length(), 1);
        assert.equal(await store.touch('a', { cookie: {} }), undefined);
        assert.equal(await store.destroy('a'), undefined);
        assert.equal(await store.get('a'), undefined);
        await store.set('b', { cookie: {} });
        await store.clear();
        assert.deepEqual(await idsIn(store), []);
      }
    });

    difference('promises', {
      aspect: 'they reject with what a callback would get',
      ours: async () => {
        const store = await stores.connected();
        await store.client.close();
        for (const [method, args] of [['get', ['a']], ['set', ['a', {}]], ['destroy', ['a']], ['clear', []],
          ['touch', ['a', {}]], ['all', []], ['length', []]]) {
          await assert.rejects(store[method](...args), /^Error: Error .*Client must be connected/, method);
        }
      }
    });
  });

  describe('after client.close()', () => {
    const CLOSED = 'Client must be connected before running operations';
    for (const [method, args, prefix] of [
      ['get', ['a'], 'Error finding a'],
      ['set', ['a', {}], 'Error setting a to {}'],
      ['destroy', ['a'], 'Error destroying a'],
      ['clear', [], 'Error clearing all sessions']
    ]) {
      it(`${method} calls back with an error`, async () => {
        const store = await stores.connected();
        await store.client.close();
        assert.equal((await refusal(store, method, ...args)).message, `${prefix}: ${CLOSED}`);
      });
    }

    difference('error-cause', {
      aspect: 'an operation',
      original: async () => {
        const store = await stores.connected();
        await store.client.close();
        assert.equal((await refusal(store, 'get', 'a')).cause, undefined);
      },
      ours: async () => {
        const store = await stores.connected();
        await store.client.close();
        assert.equal((await refusal(store, 'get', 'a')).cause.name, 'MongoNotConnectedError');
      }
    });

    difference('all', {
      aspect: 'its error',
      ours: async () => {
        const store = await stores.connected();
        await store.client.close();
        assert.equal((await refusal(store, 'all')).message, `Error gathering sessions: ${CLOSED}`);
      }
    });
  });

  describe('an id', () => {
    it('may be any text', async () => {
      const store = await stores.connected();
      for (const sid of ['', '$ne', 'a.b', 'Ünïcödé 💾', 'x'.repeat(10000), '../..', 'null', '__proto__']) {
        await ask(store, 'set', sid, { cookie: {}, sid });
        assert.equal((await ask(store, 'get', sid)).sid, sid);
        await ask(store, 'destroy', sid);
        assert.equal(await ask(store, 'get', sid), undefined);
      }
    });

    difference('ids-are-strings', {
      original: async () => {
        const store = await holding(['secret']);
        assert.equal((await ask(store, 'get', { $ne: null })).sid, 'secret');
        await ask(store, 'destroy', { $ne: null });
        assert.deepEqual(await idsIn(store), []);
      },
      ours: async () => {
        const store = await holding(['secret']);
        for (const id of [{ $ne: null }, { $gt: '' }, ['secret'], null, undefined, 5, true, Buffer.from('x'),
          Object('secret')]) {
          for (const [method, ...args] of [['get', id], ['set', id, { cookie: {} }], ['touch', id, { cookie: {} }],
            ['destroy', Array.isArray(id) ? [id] : id]]) {
            const error = await refusal(store, method, ...args);
            const refusalType = error instanceof TypeError || error.cause instanceof TypeError;
            assert.ok(refusalType, `${method}: ${error.stack}`);
            assert.match(error.message, /string/);
          }
        }
        assert.deepEqual(await idsIn(store), ['secret']);
      }
    });

    difference('ids-are-strings', {
      aspect: 'the refusal is not synchronous',
      ours: async () => {
        const store = await stores.connected();
        assert.equal((await call(store, 'get', { $ne: null })).sync, false);
      }
    });
  });

  describe('a driver method', () => {
    it('works on client, db and collection', async () => {
      const store = await holding(['a', 'b']);
      assert.equal(await store.collection.countDocuments({}), 2);
      assert.equal((await store.collection.find({ 'session.sid': 'b' }).toArray())[0]._id, 'b');
      assert.deepEqual(await store.collection.deleteMany({ 'session.sid': 'a' }),
        { acknowledged: true, deletedCount: 1 });
      assert.equal((await store.db.command({ ping: 1 })).ok, 1);
      const same = store.client.db(store.db.databaseName).collection(store.options.collection);
      assert.deepEqual(await same.distinct('_id'), ['b']);
    });

    it('works where only the Node driver has it', async () => {
      const store = await holding(['a', 'b', 'c']);
      const { deletedCount } = await store.collection.bulkWrite([{ deleteMany: { filter: { _id: { $ne: 'b' } } } }]);
      assert.equal(deletedCount, 2);
      assert.equal((await store.db.admin().serverStatus()).process, 'mongod');
      const session = store.client.startSession();
      assert.equal((await store.collection.findOne({ _id: 'b' }, { session }))._id, 'b');
      await session.endSession();
      for (const owner of [store.collection, store.db, store.client]) await owner.watch().close();
    });

    difference('facade', {
      original: async () => {
        const { client } = await stores.connected();
        assert.ok(client instanceof MongoClient);
      },
      ours: async () => {
        const { client } = await stores.connected();
        assert.ok(!(client instanceof MongoClient));
        const session = client.startSession();
        assert.ok(session.client instanceof MongoClient);
        await session.endSession();
      }
    });
  });
});
