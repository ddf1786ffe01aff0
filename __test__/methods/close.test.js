'use strict';

const assert = require('node:assert/strict');
const { useStores } = require('../support/stores');

describe('closing a store', () => {
  const stores = useStores();

  it('lets operations under way end, and refuses later ones', async () => {
    const store = await stores.connected();
    const writing = Promise.all(Array.from({ length: 100 }, (_, n) => store.set(`sid${n}`, { cookie: {}, n })));
    // One turn, in which they leave.
    await new Promise(setImmediate);
    const closing = store.close();
    await writing;
    assert.equal(await closing, undefined);
    assert.equal(await stores.db.collection(store.options.collection).countDocuments(), 100);
    await assert.rejects(store.get('sid1'), (error) => {
      assert.equal(error.message, 'Error finding sid1: Client must be connected before running operations');
      assert.equal(error.cause.name, 'MongoNotConnectedError');
      return true;
    });
  });

  it('calls back, and may be done twice', (done) => {
    const store = stores.open();
    store.once('connected', () => store.close((error) => {
      assert.equal(error, undefined);
      store.close(done);
    }));
  });

  it('leaves other stores of the same server alone', async () => {
    const [one, other] = [await stores.connected(), await stores.connected()];
    await one.close();
    await other.set('sid', { cookie: {}, n: 1 });
    assert.equal((await other.get('sid')).n, 1);
  });

  it('happens at the end of an `await using` block', async function() {
    if (!Symbol.asyncDispose) this.skip();
    const store = await stores.connected();
    await store[Symbol.asyncDispose]();
    await assert.rejects(store.get('sid'), { message: /Client must be connected/ });
  });
});
