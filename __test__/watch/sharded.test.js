'use strict';

/**
 * Stores on a sharded cluster, on a collection that is sharded by the hash of `_id`. Shards and configuration are real; before
 * them is a stand-in for `mongos` (`support/sharded-cluster.js`).
 */

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const { MongoClient } = require('mongodb');
const impl = require('../support/impl');
const { ShardedCluster } = require('../support/sharded-cluster');
const { eventually } = require('../support/stores');
const { Heard, assertTimes, sessionOf } = require('./fleet');

const DATABASE = 'sharded';
const user = (session) => session.user;

describe('a store on shards, behind a stand-in for their router', function sharded() {
  this.timeout(120_000);
  this.slow(5000);
  const cluster = new ShardedCluster();
  const opened = [];
  let elsewhere;
  let serial = 0;

  before('start the cluster', async () => {
    await cluster.start();
    // Another process, on a connection of its own.
    elsewhere = await MongoClient.connect(cluster.uri);
  });
  afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));
  after(async () => {
    await elsewhere?.close();
    await cluster.stop();
  });

  async function open(options) {
    const collection = `c${++serial}`;
    await cluster.shardCollection(DATABASE, collection);
    const store = new (impl.factory(expressSession))({ uri: cluster.uri, databaseName: DATABASE, collection, ...options });
    opened.push(store);
    await store.initialConnectionPromise;
    return store;
  }
  const rowsOf = (store) => elsewhere.db(DATABASE).collection(store.options.collection);
  const perShard = ({ options: { collection } }) => Promise.all(cluster.shards.map((shard) => shard.db(DATABASE).collection(collection).countDocuments()));
  const ids = Array.from({ length: 100 }, (_, index) => `s${index}`);

  it('keeps sessions on both shards, many to a command, and reads, renews and destroys each', async () => {
    const store = await open();
    cluster.router.seen = [];
    await Promise.all(ids.map((id, n) => store.set(id, sessionOf({ n }))));
    const writes = cluster.router.seen.filter(({ update }) => update);
    assert.ok(writes.length < 50, `${writes.length} commands`);
    for (const { txnNumber } of writes) assert.ok(txnNumber, 'a write has a transaction number');
    const counts = await perShard(store);
    assert.ok(counts.every((count) => count > 20), counts.join());
    assert.equal(counts[0] + counts[1], ids.length);
    const read = await Promise.all(ids.map((id) => store.get(id)));
    assert.deepEqual(read.map(({ n }) => n), ids.map((_, n) => n));
    await Promise.all(ids.map((id) => store.touch(id, sessionOf())));
    assert.equal(await store.length(), ids.length);
    await Promise.all(ids.map((id) => store.destroy(id)));
    assert.deepEqual(await perShard(store), [0, 0]);
  });

  it('has a write that is sent twice applied once, by each shard', async () => {
    const store = await open();
    const retried = async () => {
      const all = await Promise.all(cluster.shards.map((shard) => shard.db('admin').command({ serverStatus: 1 })));
      return all.map(({ transactions }) => Number(transactions.retriedStatementsCount));
    };
    const before = await retried();
    cluster.router.losing = 2;
    const created = new Heard(store);
    await Promise.all(ids.map((id, n) => store.set(id, sessionOf({ n }))));
    assert.equal(cluster.router.losing, 0);
    const after = await retried();
    assert.ok(after.some((count, shard) => count > before[shard]), `${before} ${after}`);
    for (const id of ids) assertTimes(created, `create ${id}`, 1);
    const read = await Promise.all(ids.map((id) => store.get(id)));
    assert.deepEqual(read.map(({ n }) => n), ids.map((_, n) => n));
  });

  it('finds and ends the sessions of a user wherever they are, and makes its indexes on each shard', async () => {
    const store = await open({ user, maxSessionsPerUser: 30 });
    await Promise.all(ids.slice(0, 30).map((id) => store.set(id, sessionOf({ user: 'ada' }))));
    await store.set('bob', sessionOf({ user: 'bob' }));
    assert.ok((await perShard(store)).every((count) => count > 5));
    assert.deepEqual((await store.sessionsOf('ada')).map(({ id }) => id).sort(), ids.slice(0, 30).sort());
    await store.set('one too many', sessionOf({ user: 'ada' }));
    assert.equal((await store.sessionsOf('ada')).length, 30);
    assert.equal(await store.destroyUser('ada', { except: 'one too many' }), 29);
    assert.deepEqual((await store.ids()).sort(), ['bob', 'one too many']);
    for (const shard of cluster.shards) {
      const indexes = await shard.db(DATABASE).collection(store.options.collection).indexes();
      assert.deepEqual(indexes.map(({ name }) => name).sort(), ['_id_', '_id_hashed', 'expires_1', 'user_1']);
    }
  });

  describe('that watches', () => {
    it('tells the changes of both shards in order, its own once', async () => {
      const store = await open({ watch: true });
      const heard = new Heard(store);
      for (const [n, id] of ids.slice(0, 30).entries()) {
        await rowsOf(store).insertOne({ _id: `theirs ${id}` });
        await store.set(`ours ${id}`, sessionOf({ n }));
        if (n % 3 === 0) await rowsOf(store).deleteOne({ _id: `ours ${id}` });
      }
      await rowsOf(store).insertOne({ _id: 'last' });
      await heard.until('create last', 20_000);
      const theirs = ids.slice(0, 30).flatMap((id, n) => [`create theirs ${id}`, ...(n % 3 === 0 ? [`destroy ours ${id}`] : [])]);
      assert.deepEqual(heard.list.filter((what) => /^(create theirs|destroy)/.test(what)), theirs);
      for (const id of ids.slice(0, 30)) assertTimes(heard, `create ours ${id}`, 1);
      assert.deepEqual(heard.errors, []);
    });

    it('goes on without a gap or a repetition when all connections to the router break', async () => {
      const store = await open({ watch: true });
      const heard = new Heard(store);
      await rowsOf(store).insertOne({ _id: 'first' });
      await heard.until('create first', 20_000);
      // Past the router, whose connections break; each write knows the time of the one before, as it does with a router.
      const sessions = cluster.shards.map((shard) => shard.startSession());
      for (const [n, id] of ids.slice(0, 20).entries()) {
        if (n % 5 === 0) cluster.router.drop();
        const place = cluster.router.placeOf(store.options.collection, id);
        const [session, other] = [sessions[place], sessions[1 - place]];
        await cluster.shards[place].db(DATABASE).collection(store.options.collection).insertOne({ _id: id }, { session });
        other.advanceClusterTime(session.clusterTime);
      }
      await Promise.all(sessions.map((session) => session.endSession()));
      await heard.until(`create ${ids[19]}`, 20_000);
      assert.deepEqual(heard.list, ['create first', ...ids.slice(0, 20).map((id) => `create ${id}`)]);
      assert.deepEqual(heard.errors, []);
    });

    it('tells what the shards remove when it has expired', async () => {
      const store = await open({ watch: true });
      const heard = new Heard(store);
      await Promise.all(ids.slice(0, 10).map((id) => store.set(id, sessionOf({}, 3000))));
      assert.ok((await perShard(store)).every((count) => count > 0));
      await eventually(() => heard.list.filter((what) => what.startsWith('expire ')).length === 10, 30_000);
      assert.deepEqual(await perShard(store), [0, 0]);
    });
  });
});
