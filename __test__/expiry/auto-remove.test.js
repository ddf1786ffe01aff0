'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const sinon = require('sinon');
const { runScript } = require('../support/child');
const { useStores } = require('../support/stores');

const DAY_MS = 86_400_000;

describe('autoRemove', () => {
  const stores = useStores();

  const indexesOf = async (store) => {
    const collection = stores.db.collection(store.options.collection);
    await collection.insertOne({ _id: 'there' });
    return (await collection.indexes()).map(({ name }) => name).sort();
  };

  it("leaves it to MongoDB by default, as 'native' does", async () => {
    assert.deepEqual(await indexesOf(await stores.connected()), ['_id_', 'expires_1']);
    assert.deepEqual(await indexesOf(await stores.connected({ autoRemove: 'native' })), ['_id_', 'expires_1']);
  });

  for (const autoRemove of ['interval', 'disabled']) {
    it(`makes no expiry index with '${autoRemove}', but the index on ids`, async () => {
      assert.deepEqual(await indexesOf(await stores.connected({ autoRemove, idField: 'sid' })), ['_id_', 'sid_1']);
    });
  }

  it('makes no index at all with createIndexes: false', async () => {
    assert.deepEqual(await indexesOf(await stores.connected({ createIndexes: false, idField: 'sid' })), ['_id_']);
  });

  it('sends no createIndexes command with createIndexes: false', async () => {
    const sent = async () => {
      const { metrics } = await stores.db.admin().command({ serverStatus: 1 });
      return Number(metrics.commands.createIndexes.total);
    };
    const before = await sent();
    await stores.connected({ createIndexes: false });
    assert.equal(await sent(), before);
    await stores.connected();
    assert.ok(await sent() > before);
  });

  describe('by the store itself', () => {
    let clock;
    beforeEach(() => {
      clock = sinon.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    });
    afterEach(() => clock.restore());

    it("removes what has expired for longer than expiresAfterSeconds, and what has no date never, every 'autoRemoveInterval' minutes", async () => {
      // 60 ms.
      const store = await stores.connected({ autoRemove: 'interval', autoRemoveInterval: 0.001, expiresAfterSeconds: 3600 });
      const collection = stores.db.collection(store.options.collection);
      const now = Date.now();
      await collection.insertMany([
        { _id: 'long gone', session: {}, expires: new Date(now - 2 * DAY_MS) },
        { _id: 'just expired', session: {}, expires: new Date(now - 60_000) },
        { _id: 'alive', session: {}, expires: new Date(now + DAY_MS) },
        { _id: 'no date', session: {} }
      ]);
      while (await collection.countDocuments({ _id: 'long gone' }) > 0);
      assert.deepEqual(await collection.distinct('_id'), ['alive', 'just expired', 'no date']);
    });
  });

  it("tells 'error' listeners when removing fails, and goes on", async () => {
    const store = await stores.connected({ autoRemove: 'interval', autoRemoveInterval: 0.001 });
    const stub = sinon.stub(store.collection, 'deleteMany').rejects(new Error('not today'));
    const [error] = await once(store, 'error');
    assert.equal(error.message, 'Error removing expired sessions: not today');
    stub.restore();
    const collection = stores.db.collection(store.options.collection);
    await collection.insertOne({ _id: 'old', session: {}, expires: new Date(0) });
    while (await collection.countDocuments() > 0);
  });

  it('warns when removing fails and nobody listens', async () => {
    const store = await stores.connected({ autoRemove: 'interval', autoRemoveInterval: 0.001 });
    sinon.stub(store.collection, 'deleteMany').rejects(new Error('not today'));
    for (let said; said !== 'Error removing expired sessions: not today';) [{ message: said }] = await once(process, 'warning');
  });

  it('keeps no process alive', async () => {
    const { code, stdout } = await runScript(`
      const store = new (require('.')(require('express-session')))({ uri: ${JSON.stringify(stores.uri)}, collection: 'idle', autoRemove: 'interval' });
      store.set('a', { cookie: {} }).then(() => console.log('stored'));`);
    assert.deepEqual([code, stdout], [0, 'stored\n']);
  });

  for (const close of [(store) => store.close(), (store) => store.client.close()]) {it(`ends when the store is closed: ${close}`, async () => {
    const store = await stores.connected({ autoRemove: 'interval', autoRemoveInterval: 0.001 });
    const errors = [];
    store.on('error', (error) => errors.push(error));
    await close(store);
    const deleting = sinon.spy(store.collection, 'deleteMany');
    // Another store's interval of the same length passes several times.
    const other = await stores.connected({ autoRemove: 'interval', autoRemoveInterval: 0.001 });
    const others = sinon.spy(other.collection, 'deleteMany');
    while (others.callCount < 3) await new Promise(setImmediate);
    assert.equal(deleting.callCount, 0);
    assert.deepEqual(errors, []);
  });}

  for (const [options, message] of [
    [{ autoRemove: 'sometimes' }, "autoRemove: must be 'native', 'interval', 'disabled'; got 'sometimes'"],
    [{ autoRemoveInterval: 0 }, 'autoRemoveInterval: must be minutes, more than 0 and at most 35791; got 0'],
    [{ autoRemoveInterval: 1e6 }, 'autoRemoveInterval: must be minutes, more than 0 and at most 35791; got 1000000'],
    [{ createIndexes: 'no' }, `createIndexes: Could not cast "'no'" to boolean`]
  ]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => stores.open(options), { name: 'CastError', message });
    });
  }
});
