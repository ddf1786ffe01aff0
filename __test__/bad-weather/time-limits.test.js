'use strict';

const assert = require('node:assert/strict');
const { getSession, roundTrip, setSession, useConnections } = require('../support/connections');
const { FAIL_POINTS, withFailPoint } = require('../support/fail-point');
const { cannotPause, whilePaused } = require('../support/pause');
const { Relay } = require('../support/relay');
const { call, eventually } = require('../support/stores');
const { sessionOf, useDeployment } = require('./deployments');

/**
 * How much later than its limit an operation may end on a busy machine: far less than if it began to count once the operations
 * before it were over. That it is a second at most on one that is not, `npm run torture` measures.
 */
const LATE_MS = 2500;
const SAYS_SO = /timed? ?out|did not answer/i;
const SELECTION_MS = 1200;

const mixed = (store, id, n) => [
  () => call(store, 'set', id, sessionOf({ n })), () => call(store, 'get', id), () => call(store, 'destroy', id), () => call(store, 'touch', id, sessionOf())
][n % 4]();

async function timed(work) {
  const since = performance.now();
  const { error, value } = await work();
  return { error, value, ms: performance.now() - since };
}

describe('an operation\'s time', function limits() {
  this.timeout(60_000);
  const deployment = useDeployment('standalone', { args: FAIL_POINTS });
  const connections = useConnections();

  const held = (appName, work) => withFailPoint(deployment.witness, { failCommands: ['find', 'update', 'delete'], appName, blockTimeMS: 8000 }, work);

  describe('counts from the call, waiting for earlier operations on the session included', () => {
    for (const [title, options, limit] of [
      ['timeoutMS', { timeoutMS: 800 }, 800],
      ['socketTimeoutMS and serverSelectionTimeoutMS', { socketTimeoutMS: 500, serverSelectionTimeoutMS: 400 }, 900]
    ]) {
      it(title, async () => {
        const appName = `lane-${limit}`;
        const store = await connections.store(deployment.uri, { ...options, appName });
        await store.set('a', sessionOf());
        await held(appName, async () => {
          const calls = [];
          for (let n = 0; n < 6; n++) {
            calls.push(timed(() => mixed(store, 'a', n)));
            await new Promise((resolve) => setTimeout(resolve, limit / 10));
          }
          for (const { error, ms } of await Promise.all(calls)) {
            assert.ok(error, 'it is an error');
            assert.match(`${error.message} ${error.cause?.message}`, SAYS_SO);
            assert.ok(ms <= limit + LATE_MS, `after ${Math.round(ms)} ms`);
          }
        });
        await eventually(() => roundTrip(store, 'a').then(() => true, () => false));
      });
    }

    it('and does not end those that are in time', async () => {
      const store = await connections.store(deployment.uri, { timeoutMS: 4000, appName: 'in-time' });
      await store.set('a', sessionOf());
      const data = { failCommands: ['update'], appName: 'in-time', blockTimeMS: 600 };
      const outcomes = await withFailPoint(deployment.witness, data, () => {
        return Promise.all([0, 1, 2].map((n) => call(store, 'set', 'a', sessionOf({ n }))));
      }, { times: 3 });
      assert.deepEqual(outcomes.map(({ error }) => error).filter(Boolean), []);
      assert.equal((await store.get('a')).n, 2);
    });
  });

  describe('with a server that answers nothing at all', () => {
    before('skip where a server cannot be stopped', function check() {
      if (!cannotPause) return;
      console.log(`      skipped: ${cannotPause}`);
      this.skip();
    });
    afterEach(() => deployment.server.kill('SIGCONT'));

    for (const [title, count, idOf] of [['a single one', 1, () => 'a'], ['many on as many sessions', 40, (n) => `s${n}`], ['many on one session', 40, () => 'a']]) {
      it(`is serverSelectionTimeoutMS, and the error says why: ${title}`, async () => {
        const store = await connections.store(deployment.uri, { serverSelectionTimeoutMS: SELECTION_MS });
        await Promise.all([setSession(store, 'a'), getSession(store, 'a')]);
        await whilePaused(deployment.server, async () => {
          const outcomes = await Promise.all(Array.from({ length: count }, (_, n) => timed(() => mixed(store, idOf(n), n + 1))));
          for (const { error, ms } of outcomes) {
            assert.ok(error, 'it is an error');
            assert.match(`${error.message} ${error.cause?.message}`, SAYS_SO);
            assert.ok(ms <= SELECTION_MS + LATE_MS, `after ${Math.round(ms)} ms`);
          }
          // Later ones do not wait for longer than the first.
          const { error, ms } = await timed(() => call(store, 'get', 'later'));
          assert.ok(error && ms <= SELECTION_MS + LATE_MS, `after ${Math.round(ms)} ms`);
        });
        await eventually(() => roundTrip(store, 'a').then(() => true, () => false), 15_000);
      });
    }
  });

  describe('with serverSelectionTimeoutMS: 0', () => {
    let relay;
    beforeEach(async () => {
      relay = await new Relay({ host: '127.0.0.1', port: deployment.server.port }).open();
    });
    afterEach(() => relay.cut());
    const uri = () => `mongodb://127.0.0.1:${relay.port}/`;

    it('has no limit, and a healthy server is connected to: by option', () => connections.works(uri(), { serverSelectionTimeoutMS: 0 }));

    it('has no limit, and a healthy server is connected to: by URI', () => connections.works(`${uri()}?serverSelectionTimeoutMS=0`));

    it('lasts until a server comes', async () => {
      const store = await connections.works(uri(), { serverSelectionTimeoutMS: 0, heartbeatFrequencyMS: 500 });
      await relay.cut();
      let ended = false;
      const waiting = setSession(store, 'waits').finally(() => (ended = true));
      const first = await Promise.race([waiting.then(() => 'ended', () => 'ended'), new Promise((resolve) => setTimeout(resolve, 1500, 'waits'))]);
      assert.equal(first, 'waits');
      assert.equal(ended, false);
      await relay.open();
      await waiting;
      await roundTrip(store, 'waits');
    });

    it('is limited by timeoutMS all the same', async () => {
      const store = await connections.works(uri(), { serverSelectionTimeoutMS: 0, timeoutMS: 600 });
      await relay.cut();
      const { error, ms } = await timed(() => call(store, 'get', 'a'));
      assert.ok(error && ms <= 600 + LATE_MS, `after ${Math.round(ms)} ms`);
    });
  });

  it('does not run out while a command is sent again: the time for that counts from the first failure', async () => {
    const store = await connections.store(deployment.uri, { serverSelectionTimeoutMS: 2500, appName: 'again' });
    await store.set('a', sessionOf({ n: 0 }));
    // The server is at it for longer, and the connection breaks in the place of an answer.
    const data = { failCommands: ['update'], appName: 'again', blockTimeMS: 3500, closeConnection: true };
    const { error, ms } = await withFailPoint(deployment.witness, data, () => timed(() => call(store, 'set', 'a', sessionOf({ n: 1 }))), { times: 1 });
    assert.equal(error ?? null, null);
    assert.ok(ms >= 3400, `after ${Math.round(ms)} ms`);
    assert.equal((await store.get('a')).n, 1);
  });
});
