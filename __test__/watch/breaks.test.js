'use strict';

/** A change stream in bad weather: it goes on without a gap, says where there is one, and harms nothing. */

const assert = require('node:assert/strict');
const { MongoClient } = require('mongodb');
const expressSession = require('express-session');
const impl = require('../support/impl');
const { withFailPoint } = require('../support/fail-point');
const { eventually, useStores } = require('../support/stores');
const { Heard, assertTimes, sessionOf, useFleet } = require('./fleet');

/** MongoDB's codes. */
const HISTORY_LOST = 286;
const UNAUTHORIZED = 13;

describe('watching sessions in bad weather', function weather() {
  this.timeout(120_000);
  this.slow(10_000);
  const fleet = useFleet();

  /** The primary steps down, and is elected again. */
  async function election() {
    const admin = fleet.witness.db('admin');
    await admin.command({ replSetStepDown: 1, force: true }).catch(() => {});
    await eventually(async () => (await admin.command({ hello: 1 })).isWritablePrimary, 30_000);
  }

  it('tells every change once and in order over an election', async () => {
    const options = fleet.options();
    const elsewhere = fleet.elsewhere(options);
    const store = await fleet.watching(options);
    const heard = new Heard(store);
    await elsewhere.call('set', 'first', sessionOf());
    await heard.until('create first');
    const ids = Array.from({ length: 40 }, (_, index) => index);
    let elected;
    // Theirs and ours by turns: of ours nothing may come back.
    for (const index of ids) {
      if (index === 10) elected = election();
      await elsewhere.call('set', `theirs ${index}`, sessionOf());
      await store.set(`ours ${index}`, sessionOf());
    }
    await elected;
    await elsewhere.call('set', 'last', sessionOf());
    await heard.until('create last', 30_000);
    assert.deepEqual(heard.list.filter((what) => what.startsWith('create theirs ')), ids.map((index) => `create theirs ${index}`));
    for (const index of ids) assertTimes(heard, `create ours ${index}`, 1);
    assert.deepEqual(heard.errors, []);
  });

  it('goes on where it was when its connection breaks', async () => {
    const options = fleet.options({ connectionOptions: { appName: 'broken' } });
    const store = await fleet.watching(options);
    const heard = new Heard(store);
    await fleet.rows(options).insertOne({ _id: 'first' });
    await heard.until('create first');
    const admin = fleet.witness.db('admin');
    const { count } = await admin.command({ configureFailPoint: 'failCommand', mode: 'off' });
    const breaking = { failCommands: ['getMore', 'aggregate'], appName: 'broken', closeConnection: true };
    await withFailPoint(fleet.witness, breaking, async () => {
      await fleet.rows(options).insertMany([{ _id: 'a' }, { _id: 'b' }]);
      // The stream breaks, the driver fails to mend it, and so does this package.
      await admin.command({ waitForFailPoint: 'failCommand', timesEntered: count + 3, maxTimeMS: 15_000 });
      await fleet.rows(options).insertOne({ _id: 'c' });
    });
    await heard.until('create c', 30_000);
    assert.deepEqual(heard.list, ['create first', 'create a', 'create b', 'create c']);
    assert.deepEqual(heard.errors, []);
  });

  it('says that changes are missing where the server does not have them any more, and goes on', async () => {
    const options = fleet.options({ connectionOptions: { appName: 'late' } });
    const heard = new Heard(await fleet.watching(options));
    await fleet.rows(options).insertOne({ _id: 'first' });
    await heard.until('create first');
    const lost = { failCommands: ['getMore', 'aggregate'], appName: 'late', errorCode: HISTORY_LOST };
    // Its next answer, then three times to be opened again: by the driver, with pre-images and without.
    await withFailPoint(fleet.witness, lost, () => eventually(() => heard.errors.length > 0, 15_000), { times: 4 });
    assert.equal(heard.errors.length, 1);
    assert.match(heard.errors[0].message, /^Error watching sessions: .*\. Changes before this moment may not have been told; those from now on are$/);
    assert.equal(heard.errors[0].cause.code, HISTORY_LOST);
    await eventually(async () => {
      await fleet.rows(options).insertOne({});
      return heard.list.length > 1;
    });
  });

  it('goes on with the next collection of that name after one was dropped', async () => {
    const options = fleet.options();
    const heard = new Heard(await fleet.watching(options));
    await fleet.rows(options).insertOne({ _id: 'a' });
    await fleet.rows(options).drop();
    await fleet.rows(options).insertOne({ _id: 'b' });
    assert.deepEqual(await heard.until('create b'), ['create a', 'create b']);
    assert.deepEqual(heard.errors, []);
  });

  it('is one error, and nothing else, where the user may not watch', async () => {
    const options = fleet.options({ connectionOptions: { appName: 'not allowed' } });
    await withFailPoint(fleet.witness, { failCommands: ['aggregate'], appName: 'not allowed', errorCode: UNAUTHORIZED }, async () => {
      const store = fleet.open(options);
      const heard = new Heard(store);
      await eventually(() => heard.errors.length > 0);
      assert.match(heard.errors[0].message, /The option `watch` has no effect: what other processes do to sessions is not told; everything else works$/);
      await store.set('a', sessionOf({ n: 1 }));
      assert.equal((await store.get('a')).n, 1);
      assert.equal(heard.errors.length, 1);
    });
  });

  it('operations are not held up by a stream that gets no answers', async () => {
    const options = fleet.options({ connectionOptions: { appName: 'held up' } });
    const store = await fleet.watching(options);
    await fleet.untilOneStream(options.collection);
    const admin = fleet.witness.db('admin');
    const { count } = await admin.command({ configureFailPoint: 'failCommand', mode: 'off' });
    const heldUpMS = 8000;
    await withFailPoint(fleet.witness, { failCommands: ['getMore'], appName: 'held up', blockTimeMS: heldUpMS }, async () => {
      await admin.command({ waitForFailPoint: 'failCommand', timesEntered: count + 1, maxTimeMS: 15_000 });
      const started = Date.now();
      for (let n = 0; n < 10; n++) {
        await store.set('a', sessionOf({ n }));
        await store.get('a');
      }
      assert.ok(Date.now() - started < heldUpMS * 0.8, `${Date.now() - started} ms`);
    });
  });

  it('begins once there is a server, where there was none', async () => {
    const options = fleet.options({ connectionOptions: { appName: 'not yet', serverSelectionTimeoutMS: 300, heartbeatFrequencyMS: 500 } });
    let heard;
    const refusing = { failCommands: ['hello', 'isMaster', 'ismaster', 'ping'], appName: 'not yet', closeConnection: true };
    await withFailPoint(fleet.witness, refusing, async () => {
      await new Promise((resolve) => {
        heard = new Heard(fleet.open(options, resolve));
      });
    });
    await eventually(async () => {
      await fleet.rows(options).insertOne({});
      return heard.list.length > 0;
    });
  });
});

describe('watching sessions on a standalone server', () => {
  const stores = useStores();

  it('is one clear error, and everything else works', async () => {
    const store = stores.open({ watch: true });
    const heard = new Heard(store);
    await store.initialConnectionPromise;
    await eventually(() => heard.errors.length > 0);
    await store.set('a', sessionOf({ n: 1 }));
    assert.equal((await store.get('a')).n, 1);
    await store.destroy('a');
    assert.deepEqual(heard.list, ['create a', 'set a', 'destroy a']);
    assert.deepEqual(heard.errors.map(({ message }) => message), [
      'Error watching sessions: The $changeStream stage is only supported on replica sets. The option `watch` needs a replica set ' +
      '(of one member, if need be) or a sharded cluster: what other processes do to sessions is not told; everything else works'
    ]);
  });

  it('is a warning where nobody listens for errors', async () => {
    const { runStoreScript } = require('../support/child');
    const { warnings, uncaught } = await runStoreScript(`
      const store = new Store({ uri, watch: true });
      await store.initialConnectionPromise;
      await until(() => out.warnings.length > 0);
      await store.close();`, { uri: stores.uri });
    assert.deepEqual(uncaught, []);
    assert.match(warnings[0].message, /^Error watching sessions: /);
  });

  it('an option that is no boolean is refused by name', () => {
    const Store = impl.factory(expressSession);
    assert.throws(() => new Store({ uri: stores.uri, watch: 'yes' }), /watch: Could not cast "'yes'" to boolean/);
  });

  it('is not asked for without the option', async () => {
    const client = await MongoClient.connect(stores.uri);
    const store = await stores.connected();
    const heard = new Heard(store);
    await client.db().collection(store.options.collection).insertOne({ _id: 'a' });
    await store.set('b', sessionOf());
    await client.close();
    assert.deepEqual([heard.list, heard.errors], [['create b', 'set b'], []]);
  });
});
