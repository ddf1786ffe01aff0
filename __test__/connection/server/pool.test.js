'use strict';

const assert = require('node:assert/strict');
const { version } = require('../../../package.json');
const { failure, useConnections, useServer } = require('../../support/connections');
const { FAIL_POINTS, withFailPoint } = require('../../support/fail-point');
const { eventually } = require('../../support/stores');

/** What watches a server takes no place in the pool: two connections, one to measure round trips. */
const MONITORS = 2;

describe('the connection pool', function pool() {
  this.timeout(120_000);
  const server = useServer({ args: FAIL_POINTS });
  const connections = useConnections();
  let node;

  beforeEach(async () => {
    node = await connections.node(server.uri);
  });

  const currentOp = (appName, match = {}) => node.db('admin').aggregate([
    { $currentOp: { allUsers: true, idleConnections: true } }, { $match: { appName, ...match } }
  ]).toArray();
  const connected = async (appName) => (await currentOp(appName)).length;
  const ping = (store) => store.client.db('admin').command({ ping: 1 });
  const pings = (store, count) => Promise.all(Array.from({ length: count }, () => ping(store)));
  const slowly = (appName, blockTimeMS, work, failCommands = ['ping']) => {
    return withFailPoint(node, { failCommands, appName, blockTimeMS }, work);
  };
  /** How many of `count` pings at once are seen with the server at once, each of which takes it so long. */
  const seenTogether = (store, appName, count, blockTimeMS) => slowly(appName, blockTimeMS, async () => {
    const done = pings(store, count);
    let ended = false;
    const watched = done.finally(() => (ended = true));
    let most = 0;
    while (!ended) {
      const now = await currentOp(appName, { active: true, 'command.ping': 1 });
      most = Math.max(most, now.length);
    }
    await watched;
    return most;
  });
  /** Asserts that there are so many at once, and no more: a busy machine may open the last connection after the first is free again. */
  const assertTogether = async (expected, ...those) => {
    for (const blockTimeMS of [400, 1500, 6000]) {
      const most = await seenTogether(...those, blockTimeMS);
      if (most >= expected || blockTimeMS === 6000) return assert.equal(most, expected);
    }
  };

  it('has 100 connections unless told otherwise, as the Node driver\'s', async () => {
    const store = await connections.store(server.uri, { appName: 'default', maxConnecting: 100 });
    await assertTogether(100, store, 'default', 130);
  });

  it('has maxPoolSize connections at most', async () => {
    const store = await connections.store(server.uri, { appName: 'max', maxPoolSize: 3 });
    await assertTogether(3, store, 'max', 8);
    assert.ok(await connected('max') <= 3 + MONITORS);
  });

  it('takes maxPoolSize from the URI, whatever its case, and connectionOptions rather', async () => {
    const uri = `${server.uri}/?MAXpoolsize=2&appName=uri`;
    await assertTogether(2, await connections.store(uri), 'uri', 5);
    const store = await connections.store(uri, { maxPoolSize: 4, appName: 'both' });
    await assertTogether(4, store, 'both', 6);
  });

  it('takes poolSize of earlier drivers', async () => {
    const store = await connections.store(server.uri, { appName: 'poolSize', poolSize: 2 });
    await assertTogether(2, store, 'poolSize', 5);
  });

  it('has no limit with maxPoolSize 0', async () => {
    const store = await connections.store(server.uri, { appName: 'unlimited', maxPoolSize: 0, maxConnecting: 120 });
    await assertTogether(120, store, 'unlimited', 120);
  });

  it('keeps minPoolSize connections open without being used', async () => {
    await connections.store(server.uri, { appName: 'min', minPoolSize: 9 });
    await eventually(async () => await connected('min') >= 9);
    assert.ok(await connected('min') <= 9 + MONITORS);
  });

  it('closes connections that were not used for maxIdleTimeMS, and keeps them without it', async () => {
    const [idle, kept] = await Promise.all([
      connections.store(server.uri, { appName: 'idle', maxIdleTimeMS: 300, maxConnecting: 6 }),
      connections.store(server.uri, { appName: 'kept', maxConnecting: 6 })
    ]);
    await assertTogether(6, idle, 'idle', 6);
    await assertTogether(6, kept, 'kept', 6);
    await eventually(async () => await connected('idle') <= MONITORS);
    assert.ok(await connected('kept') >= 6);
    await ping(idle);
  });

  it('opens maxConnecting connections at the same time', async () => {
    const slowMS = 800;
    const took = async (maxConnecting) => {
      const appName = `connecting-${maxConnecting}`;
      const store = await connections.store(server.uri, { appName, maxConnecting });
      return slowly(appName, slowMS, async () => {
        const started = Date.now();
        await pings(store, 12);
        return Date.now() - started;
      }, ['ping', 'hello', 'isMaster', 'ismaster']);
    };
    // One connection more each time: with 1, 2, 3, 4 and then 5 connections the 12 pings are done.
    const one = await took(1);
    assert.ok(one >= slowMS * 4.75, `one at a time: ${one} ms`);
    // All of them after the first time, and the pings after the second; two at a time would need four times.
    const all = await took(12);
    assert.ok(all < slowMS * 3.9, `all at once: ${all} ms`);
  });

  it('makes who finds no free connection wait for waitQueueTimeoutMS only', async () => {
    const options = { appName: 'queue', maxPoolSize: 1, waitQueueTimeoutMS: 150 };
    const store = await connections.store(server.uri, options);
    await slowly('queue', 5000, async () => {
      const first = ping(store);
      await eventually(async () => (await currentOp('queue', { 'command.ping': 1 })).length > 0);
      const started = Date.now();
      const error = await failure(ping(store));
      assert.equal(error.name, 'MongoWaitQueueTimeoutError');
      assert.ok(Date.now() - started < 4000);
      await first;
    });
  });

  describe('tells the server', () => {
    const metadata = async (appName) => (await currentOp(appName))[0].clientMetadata;

    it('the appName, with every character', async () => {
      const name = '@näme@ & more=1';
      await connections.store(`${server.uri}/?appName=${encodeURIComponent(name)}`);
      assert.deepEqual((await metadata(name)).application, { name });
    });

    it('that it is this package', async () => {
      await connections.store(server.uri, { appName: 'info' });
      const { driver, platform } = await metadata('info');
      assert.equal(driver.name, 'mongo-rust-driver|connect-mongodb-session');
      assert.ok(driver.version.endsWith(`|${version}`), driver.version);
      assert.ok(platform.includes(`Node.js ${process.version}`), platform);
    });

    it('driverInfo besides', async () => {
      const driverInfo = { name: 'shop', version: '7.8', platform: 'moon' };
      await connections.store(server.uri, { appName: 'driverInfo', driverInfo });
      const { driver, platform } = await metadata('driverInfo');
      assert.match(driver.name, /connect-mongodb-session\|shop$/);
      assert.match(driver.version, /\|7\.8$/);
      assert.match(platform, /\|moon$/);
    });
  });
});
