'use strict';

const assert = require('node:assert/strict');
const { failure, getSession, roundTrip, setSession, useConnections, useServer } = require('../../support/connections');
const { FAIL_POINTS, withFailPoint } = require('../../support/fail-point');
const { cannotPause, whilePaused } = require('../../support/pause');
const { Relay } = require('../../support/relay');
const { eventually } = require('../../support/stores');

/** How much later than it should an operation may end on a busy machine; what these options do not limit takes longer. */
const LATE_MS = 5000;
/** Nobody who answers is waited for that long, nor is an operation. */
const PATIENT_MS = 20_000;

describe('timeouts', function suite() {
  this.timeout(120_000);
  const server = useServer({ args: FAIL_POINTS });
  const connections = useConnections();
  let relay;

  beforeEach(async () => {
    relay = new Relay({ host: '127.0.0.1', port: server.port });
    relay.joined = 0;
    const { join } = relay;
    relay.join = (socket) => {
      relay.joined++;
      join.call(relay, socket);
    };
    await relay.open();
  });
  afterEach(async () => {
    await server.kill('SIGCONT');
    await relay.cut();
  });

  const timed = async (promise) => {
    const started = Date.now();
    const error = await failure(promise);
    return { error, took: Date.now() - started };
  };
  const assertTook = (took, expected) => {
    assert.ok(took >= expected - 20, `after ${took} ms, expected ${expected} at least`);
    assert.ok(took < expected + LATE_MS, `only after ${took} ms, expected ${expected}`);
  };
  const uri = () => `mongodb://127.0.0.1:${relay.port}`;
  const stopped = (work) => whilePaused(server, work);

  before('skip where a server cannot be stopped', function check() {
    if (!cannotPause) return;
    console.log(`      skipped: ${cannotPause}`);
    this.skip();
  });

  describe('serverSelectionTimeoutMS', () => {
    const options = { serverSelectionTimeoutMS: 1500 };

    it('limits the wait for a server that is not there, with the Node driver\'s error', async () => {
      await relay.cut();
      const [ours, theirs] = await Promise.all([timed(connections.store(uri(), options)), timed(connections.node(uri(), options))]);
      assertTook(ours.took, 1500);
      assert.equal(ours.error.cause.name, 'MongoServerSelectionError');
      assert.equal(theirs.error.name, 'MongoServerSelectionError');
      assert.equal(ours.error.cause.message, theirs.error.message);
      const causes = ({ cause }) => [cause.name, cause.message, cause.errorLabels, cause.cause.code];
      assert.deepEqual(causes(ours.error.cause), causes(theirs.error));
    });

    it('counts from the URI and loses to connectionOptions', async () => {
      await relay.cut();
      assertTook((await timed(connections.store(`${uri()}/?serverselectiontimeoutms=1000`))).took, 1000);
      assertTook((await timed(connections.store(`${uri()}/?serverSelectionTimeoutMS=60000`, options))).took, 1500);
    });

    it('limits the wait for a server that takes connections and says nothing', () => stopped(async () => {
      const { error, took } = await timed(connections.store(uri(), options));
      assertTook(took, 1500);
      assert.equal(error.cause.name, 'MongoServerSelectionError');
    }));

    it('limits operations after the server went away', async () => {
      const store = await connections.works(uri(), { serverSelectionTimeoutMS: 1500 });
      await relay.cut();
      const { error, took } = await timed(getSession(store, 'a-session'));
      assert.ok(took < 1500 + LATE_MS, `${took} ms`);
      assert.match(error.cause.name, /^MongoServerSelectionError$|^MongoNetworkError$/);
      await relay.open();
      await eventually(() => roundTrip(store).then(() => true, () => false));
    });
  });

  describe('connectTimeoutMS', () => {
    it('gives up a connection that says nothing, to try another', () => stopped(async () => {
      const { error } = await timed(connections.store(uri(), { connectTimeoutMS: 100, serverSelectionTimeoutMS: 4000 }));
      assert.equal(error.cause.name, 'MongoServerSelectionError');
      assert.match(error.cause.message, /timed out/);
      // A check is followed by the next after 500 ms at the soonest.
      assert.ok(relay.joined >= 3, `${relay.joined} connections`);
    }));

    it('waits longer when it is longer', () => stopped(async () => {
      await timed(connections.store(uri(), { connectTimeoutMS: 60_000, serverSelectionTimeoutMS: 1500 }));
      assert.ok(relay.joined <= 2, `${relay.joined} connections`);
    }));

    it('is no limit when it is 0', async () => {
      await connections.works(uri(), { connectTimeoutMS: 0, serverSelectionTimeoutMS: PATIENT_MS });
    });
  });

  describe('socketTimeoutMS', () => {
    const options = { socketTimeoutMS: 1000, serverSelectionTimeoutMS: 1500 };

    it('ends an operation that the server does not answer, and later ones work', async () => {
      const store = await connections.works(uri(), options);
      for (const operation of [() => getSession(store, 'a-session'), () => setSession(store, 'other'), () => store.all()]) {
        await stopped(async () => {
          const { error, took } = await timed(operation());
          assert.ok(took >= 980 && took < 2500 + LATE_MS, `${took} ms`);
          assert.equal(error.cause.name, 'MongoNetworkTimeoutError');
        });
        await eventually(() => roundTrip(store).then(() => true, () => false));
      }
    });

    it('leaves a slower server its time when it is 0', async () => {
      const admin = await connections.node(server.uri);
      const store = await connections.works(uri(), { socketTimeoutMS: 0, serverSelectionTimeoutMS: 3000, appName: 'patient' });
      const slow = { failCommands: ['find'], appName: 'patient', blockTimeMS: 4500 };
      await withFailPoint(admin, slow, () => getSession(store, 'a-session'));
    });
  });

  describe('timeoutMS', () => {
    it('ends an operation that the server does not answer', async () => {
      const store = await connections.works(uri(), { timeoutMS: 1500 });
      await stopped(async () => {
        const { error, took } = await timed(getSession(store, 'a-session'));
        assertTook(took, 1500);
        assert.equal(error.cause.name, 'MongoOperationTimeoutError');
      });
      await eventually(() => roundTrip(store).then(() => true, () => false));
    });

    it('ends a command that takes the server longer', async () => {
      const admin = await connections.node(server.uri);
      const store = await connections.works(uri(), { timeoutMS: 1000, appName: 'hasty' });
      const slow = { failCommands: ['ping'], appName: 'hasty', blockTimeMS: 7000 };
      await withFailPoint(admin, slow, async () => {
        const { error, took } = await timed(store.client.db('admin').command({ ping: 1 }));
        assertTook(took, 1000);
        assert.equal(error.name, 'MongoOperationTimeoutError');
      });
    });

    it('ends the wait for a server', async () => {
      const store = await connections.works(uri(), { timeoutMS: 1500, serverSelectionTimeoutMS: PATIENT_MS });
      await relay.cut();
      const { error, took } = await timed(getSession(store, 'a-session'));
      assert.ok(took < 1500 + LATE_MS, `${took} ms`);
      assert.equal(error.cause.name, 'MongoOperationTimeoutError');
    });

    it('does not limit connecting, as in the Node driver', async () => {
      await relay.cut();
      const options = { timeoutMS: 100, serverSelectionTimeoutMS: 600 };
      const [ours, theirs] = await Promise.all([timed(connections.store(uri(), options)), timed(connections.node(uri(), options))]);
      assertTook(theirs.took, 600);
      assertTook(ours.took, 600);
      assert.equal(ours.error.cause.name, theirs.error.name);
    });
  });

  describe('closing', () => {
    it('does not wait for a server that does not answer', async () => {
      const store = await connections.works(uri(), { connectTimeoutMS: 60_000 });
      await stopped(async () => {
        const started = Date.now();
        await store.client.close();
        assert.ok(Date.now() - started < 2000 + LATE_MS);
      });
    });

    it('does not wait for a server that is not there', async () => {
      const store = await connections.works(uri());
      await relay.cut();
      const started = Date.now();
      await store.client.close();
      assert.ok(Date.now() - started < 2000 + LATE_MS);
    });
  });

  describe('heartbeatFrequencyMS', () => {
    const checks = async (admin) => Number((await admin.db('admin').command({ serverStatus: 1 })).metrics.commands.hello.total);

    it('is how often the server is asked, at least every 500 ms', async () => {
      const admin = await connections.node(server.uri, { serverMonitoringMode: 'poll', heartbeatFrequencyMS: 60_000 });
      await connections.store(uri(), { serverMonitoringMode: 'poll', heartbeatFrequencyMS: 1 });
      const before = await checks(admin);
      const started = Date.now();
      await eventually(async () => await checks(admin) >= before + 3);
      assert.ok(Date.now() - started >= 900, 'not more often');
    });

    it('finds a server that comes back within that time', async () => {
      const store = await connections.works(uri(), { heartbeatFrequencyMS: 500, serverSelectionTimeoutMS: PATIENT_MS });
      await relay.cut();
      const waiting = setSession(store, 'during');
      await relay.open();
      await waiting;
      assert.equal((await getSession(store, 'during')).user, 'someone');
    });
  });
});
