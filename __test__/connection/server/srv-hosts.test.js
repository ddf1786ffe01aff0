'use strict';

/** The hosts behind `mongodb+srv` change while a client is in use: routers of a sharded cluster come and go. */

const assert = require('node:assert/strict');
const mongodb = require('mongodb');
const { useServer } = require('../../support/connections');
const { Remote, runWithNameServer, useNameServer } = require('../../support/dns');
const { LoadBalancer } = require('../../support/load-balancer');
const { Router } = require('../../support/router');
const { eventually } = require('../../support/stores');

const SRV = '_mongodb._tcp.cluster.shop.example';
const URI = 'mongodb+srv://cluster.shop.example/srv_hosts?tls=false';
const HEARTBEAT_MS = 500;

/** In the process: a client of each driver that asks DNS often, and a store. */
const SOURCE = `
  const { RESCAN } = require('./lib/connection/srv');
  RESCAN.intervalMS = 200;
  const { MongoClient } = require('mongodb');
  const uri = ${JSON.stringify(URI)};
  const options = { heartbeatFrequencyMS: ${HEARTBEAT_MS}, serverSelectionTimeoutMS: 15_000 };
  const open = {};
  const connect = {
    async ours() {
      open.client = await new (require('./lib/entries/driver').MongoClient)(uri, options).connect();
    },
    async theirs() {
      open.client = await new MongoClient(uri, options).connect();
      const { srvPoller } = open.client.topology.s;
      srvPoller.rescanSrvIntervalMS = 200;
      // It waits for a minute where it was started.
      if (!srvPoller._timeout) return;
      srvPoller.stop();
      srvPoller.start();
    }
  };
  const cursors = [];
  const calls = {
    connect: (who) => connect[who](),
    rescan: (intervalMS) => { RESCAN.intervalMS = intervalMS; },
    write: (_id) => open.client.db().collection('plain').updateOne({ _id }, { $set: { at: Date.now() } }, { upsert: true }).then(() => {}),
    async find() {
      const cursor = open.client.db().collection('plain').find({}, { batchSize: 2 });
      cursors.push(cursor);
      return (await cursor.next())._id;
    },
    async rest() {
      return (await cursors.pop().toArray()).length;
    },
    async store(options2) {
      const Store = require('./index')(require('express-session'));
      open.store = new Store({ uri, connectionOptions: options, collection: 'sessions', ...options2 });
      open.store.on('error', (error) => tell({ error: error.message }));
      for (const event of ['update', 'create', 'destroy']) open.store.on(event, (sid) => tell({ event, sid }));
      await open.store.initialConnectionPromise;
    },
    set: (sid, user) => open.store.set(sid, { cookie: {}, user }).then(() => {}),
    get: (sid) => open.store.get(sid).then(({ user }) => user)
  };
`;

describe('The hosts behind mongodb+srv, while they are in use', function hosts() {
  this.timeout(120_000);
  const names = useNameServer();
  const server = useServer({ replicaSet: 'sessions', members: 1 });
  const ends = [];
  let direct;

  before('connect to the server itself', async () => {
    direct = await mongodb.MongoClient.connect(server.uri);
  });
  after(() => direct?.close());
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function routers(count) {
    const made = await Promise.all(Array.from({ length: count }, () => new Router(server.ports[0]).open()));
    ends.push(() => Promise.all(made.map((router) => router.close())));
    return made;
  }
  /** DNS names these from now on. */
  function name(...those) {
    names.table = {
      'cluster.shop.example': {},
      [SRV]: { SRV: those.map(({ port, host = 'db.shop.example' }) => ({ name: host, port })) },
      'db.shop.example': { A: ['127.0.0.1'] }
    };
  }
  async function remote() {
    const process = new Remote(names.address, SOURCE);
    ends.push(() => process.end());
    return process;
  }
  const writesOf = (router) => router.seen.filter(({ name: command }) => command === 'update');
  const timesAsked = () => names.asked.filter((question) => question === `SRV ${SRV}`).length;
  async function untilAskedAgain(times = 2) {
    const before = timesAsked();
    await eventually(() => timesAsked() >= before + times, 40_000);
  }
  /** Writes until a command has come by that router. */
  async function untilUsed(router, write) {
    router.seen = [];
    let number = 0;
    await eventually(async () => {
      await write(`w${number++}`);
      return writesOf(router).length > 0;
    }, 40_000);
  }
  const untilLeft = (router) => eventually(() => router.connections.size === 0, 40_000);

  for (const who of ['ours', 'theirs']) {
    describe(who === 'ours' ? 'here' : 'in the Node driver', () => {
      it('a router that is added is used, and one that is removed is not asked any more', async () => {
        const [one, other] = await routers(2);
        name(one);
        const process = await remote();
        await process.call('connect', who);
        const write = (id) => process.call('write', id);
        await untilUsed(one, write);
        assert.equal(other.connections.size, 0);
        name(one, other);
        await untilUsed(other, write);
        await untilUsed(one, write);
        name(other);
        await untilLeft(one);
        one.seen = [];
        await untilUsed(other, write);
        await untilAskedAgain();
        assert.deepEqual([one.seen.length, one.connections.size], [0, 0]);
      });

      it('hosts of another domain, answers without hosts and failures change nothing', async () => {
        const [one, other] = await routers(2);
        name(one);
        const process = await remote();
        await process.call('connect', who);
        const stays = async () => {
          await untilAskedAgain();
          other.seen = [];
          await untilUsed(one, (id) => process.call('write', id));
          assert.equal(other.connections.size, 0);
        };
        name({ port: other.port, host: 'db.other.example' });
        await stays();
        name();
        await stays();
        names.table[SRV] = { failing: ['SRV'] };
        await stays();
        name({ port: 1, host: 'db.other.example' }, other);
        await untilUsed(other, (id) => process.call('write', id));
        await untilLeft(one);
      });

      it('the members of a replica set are not looked for in DNS', async () => {
        names.asked.length = 0;
        name({ port: server.ports[0] });
        const process = await remote();
        await process.call('connect', who).catch(() => {});
        const end = Date.now() + 4 * HEARTBEAT_MS;
        await eventually(() => Date.now() > end, 40_000);
        assert.ok(timesAsked() <= 1, names.asked.join());
      });
    });
  }

  it('a failure is asked about again after heartbeatFrequencyMS', async () => {
    const [one, other] = await routers(2);
    name(one);
    const process = await remote();
    await process.call('connect', 'ours');
    names.table[SRV] = { failing: ['SRV'] };
    await untilAskedAgain();
    // It would be asked again so late if the last answer had been one.
    await process.call('rescan', 600_000);
    name(other);
    await untilUsed(other, (id) => process.call('write', id));
    const asked = timesAsked();
    await untilLeft(one);
    assert.equal(timesAsked(), asked, 'after an answer it is asked after the interval');
  });

  it('those that do not answer are not used before they do', async () => {
    const [one, other] = await routers(2);
    name(one);
    const process = await remote();
    await process.call('connect', 'ours');
    await process.call('rescan', 200);
    const { port } = other;
    await other.close();
    name({ port });
    await untilAskedAgain(1);
    await untilUsed(one, (id) => process.call('write', id));
  });

  it('a load balancer is not looked for in DNS', async () => {
    const balancer = await new LoadBalancer(server.ports[0]).open();
    ends.push(() => balancer.close());
    name({ port: balancer.port });
    names.table['cluster.shop.example'] = { TXT: [['loadBalanced=true']] };
    const process = await remote();
    await process.call('connect', 'ours');
    const asked = timesAsked();
    const end = Date.now() + 4 * HEARTBEAT_MS;
    await eventually(() => Date.now() > end, 40_000);
    assert.equal(timesAsked(), asked);
  });

  it('a process whose client is idle ends by itself', async () => {
    const [one] = await routers(1);
    name(one);
    const source = `${SOURCE}\ncalls.connect('ours').then(() => calls.write('idle')).then(() => console.log('written'));`;
    assert.equal(await runWithNameServer(names.address, source), 'written\n');
  });

  describe('what is under way', () => {
    /** How often MongoDB has written a session, by its own log. */
    const timesWritten = (sid) => direct.db('local').collection('oplog.rs').countDocuments({
      ns: 'srv_hosts.sessions', $or: [{ 'o2._id': sid }, { 'o._id': sid }]
    });
    const moved = async (options) => {
      await direct.db('srv_hosts').dropDatabase();
      const [one, other] = await routers(2);
      name(one);
      const process = await remote();
      await process.call('store', { createIndexes: false, ...options });
      return { one, other, process, set: (sid) => process.call('set', sid, sid) };
    };
    /**
     * Holds the write of a session on its way to a router, and has DNS name the other one meanwhile. What gets no answer for long,
     * as on a busy machine, is sent again: all of it is held, and the last of it waits for an answer.
     */
    const held = async (sid, { one, other, process, set }) => {
      const requests = [];
      one.treat = (candidate) => (candidate.isWrite && candidate.sids.includes(sid) ? requests.push(candidate) : undefined);
      const written = process.call('set', sid, sid);
      await eventually(() => requests.length > 0, 40_000);
      name(other);
      await untilUsed(other, set);
      one.treat = () => undefined;
      return { requests, written };
    };

    it('is answered by the router that was asked, which is left then', async () => {
      const cluster = await moved();
      const { requests, written } = await held('slow', cluster);
      assert.ok(cluster.one.connections.size > 0);
      for (const request of requests) request.deliver();
      await written;
      assert.equal(await cluster.process.call('get', 'slow'), 'slow');
      assert.equal(await timesWritten('slow'), 1);
      await untilLeft(cluster.one);
      assert.deepEqual(cluster.process.news.filter(({ error }) => error), []);
    });

    it('is written once when the answer is lost', async () => {
      const cluster = await moved();
      const { requests, written } = await held('lost', cluster);
      for (const request of requests) request.loseAnswer();
      await written;
      const numbers = [...cluster.one.writes, ...cluster.other.writes].filter(({ sids }) => sids.includes('lost'));
      assert.ok(numbers.length > 1);
      assert.equal(new Set(numbers.map(({ transaction }) => transaction)).size, 1);
      assert.equal(await timesWritten('lost'), 1);
      await untilLeft(cluster.one);
    });

    it('is written by another router when those that it knew are gone', async () => {
      const cluster = await moved();
      const { requests, written } = await held('orphan', cluster);
      const started = Date.now();
      await cluster.one.close();
      for (const request of requests) request.settle();
      await written;
      assert.ok(Date.now() - started < 20_000, `${Date.now() - started} ms`);
      assert.equal(await cluster.process.call('get', 'orphan'), 'orphan');
      assert.equal(await timesWritten('orphan'), 1);
      // Its session's lane is free again.
      await cluster.process.call('set', 'orphan', 'later');
      assert.equal(await cluster.process.call('get', 'orphan'), 'later');
    });

    it('many writes meet routers that come and go, and none is lost or done twice', async () => {
      const cluster = await moved();
      const { one, other, process } = cluster;
      const sids = Array.from({ length: 40 }, (_, index) => `s${index}`);
      let over = false;
      let rounds = 0;
      const writing = (async () => {
        while (!over) {
          rounds++;
          await Promise.all(sids.map((sid) => process.call('set', sid, rounds)));
        }
      })();
      for (const those of [[one, other], [other], [one, other], [one]]) {
        const before = rounds;
        name(...those);
        await untilAskedAgain();
        await eventually(() => rounds > before + 3, 40_000);
      }
      over = true;
      await writing;
      assert.deepEqual(await Promise.all(sids.map((sid) => process.call('get', sid))), sids.map(() => rounds));
      assert.deepEqual(await Promise.all(sids.map(timesWritten)), sids.map(() => rounds));
      assert.deepEqual(process.news.filter(({ error }) => error), []);
    });

    it('a cursor is read to its end where it was opened', async () => {
      const [one, other] = await routers(2);
      name(one);
      const process = await remote();
      await process.call('connect', 'ours');
      for (let number = 0; number < 9; number++) await process.call('write', `c${number}`);
      await process.call('find');
      name(other);
      await untilUsed(other, (id) => process.call('write', id));
      assert.ok(one.connections.size > 0);
      assert.ok(await process.call('rest') >= 8);
      await untilLeft(one);
    });

    it('a stream of changes goes on at the other router, and tells of each once', async () => {
      const cluster = await moved({ watch: true });
      const { one, other, process, set } = cluster;
      const sessions = direct.db('srv_hosts').collection('sessions');
      const document = (at) => ({ expires: new Date(Date.now() + 3_600_000), session: { cookie: {}, at } });
      const heard = () => process.news.filter(({ event, sid }) => event && sid === 'elsewhere').length;
      const changed = async (at) => {
        const before = heard();
        await sessions.updateOne({ _id: 'elsewhere' }, { $set: document(at) }, { upsert: true });
        await eventually(() => heard() > before, 40_000);
      };
      await changed(0);
      name(other);
      await untilUsed(other, set);
      await untilLeft(one);
      await changed(1);
      await changed(2);
      assert.equal(heard(), 3);
    });
  });
});
