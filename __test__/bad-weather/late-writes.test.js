'use strict';

const assert = require('node:assert/strict');
const expressSession = require('express-session');
const impl = require('../support/impl');
const { useConnections, setSession } = require('../support/connections');
const { sessionOf, useDeployment } = require('./deployments');
const { assertNumbered } = require('./exactly-once');
const { history, runHistory } = require('./late-write-histories');

/** Set WEATHER_RUNS for more histories, and WEATHER_SEED to begin with another, or to repeat one. */
const RUNS = Number(process.env.WEATHER_RUNS ?? 6);
const SEED = Number(process.env.WEATHER_SEED ?? 1);
const LENGTH = { rounds: 12, faults: 5 };

describe('a write that reaches a replica set late', function late() {
  this.timeout(120_000);
  const deployment = useDeployment('replica set');
  const connections = useConnections();
  const stored = async (id) => (await deployment.db.collection('sessions').findOne({ _id: id }))?.session;

  /** Breaks the connection of the next write of a session; gives what delivers it. */
  function delayNext(id) {
    let delayed;
    deployment.proxy.treat = (request) => {
      if (delayed || !request.isWrite || !request.sids.includes(id)) return undefined;
      delayed = request;
      return request.delay() ?? true;
    };
    return () => {
      assert.ok(delayed, 'a command was on its way');
      return delayed.deliver();
    };
  }

  const write = {
    set: (store, id) => store.set(id, sessionOf({ version: 'first' })),
    destroy: (store, id) => store.destroy(id),
    touch: (store, id) => store.touch(id, sessionOf({ cookie: { originalMaxAge: 1000, expires: new Date(Date.now() + 7_200_000), path: '/first' } })),
    async 'partial save'(store, id) {
      const session = await store.get(id);
      session.version = 'first';
      await store.set(id, session);
    }
  };
  const later = {
    set: { run: (store, id) => store.set(id, sessionOf({ version: 'second' })), left: 'second' },
    destroy: { run: (store, id) => store.destroy(id), left: undefined }
  };

  for (const [first, run] of Object.entries(write)) {
    for (const [second, { run: runLater, left }] of Object.entries(later)) {
      it(`does not undo a later ${second}: ${first}`, async () => {
        const id = `${first} ${second}`;
        const Store = impl.factory(expressSession);
        const store = new Store({ uri: deployment.uri, databaseName: 'test', collection: 'sessions', partialUpdates: true });
        connections.opened.push(store.client);
        await store.set(id, sessionOf({ version: 'none' }));
        const deliver = delayNext(id);
        await run(store, id);
        await runLater(store, id);
        await deliver();
        const session = await stored(id);
        assert.equal(session?.version, left);
        if (session) assert.equal(session.cookie.path, '/');
      });
    }
  }

  it('does not undo a later write of another store', async () => {
    const [one, other] = await Promise.all([connections.store(deployment.uri), connections.store(deployment.uri)]);
    await setSession(one, 'shared');
    const deliver = delayNext('shared');
    await one.set('shared', sessionOf({ version: 'first' }));
    await other.set('shared', sessionOf({ version: 'second' }));
    await deliver();
    assert.equal((await stored('shared')).version, 'second');
  });

  describe('in any history', () => {
    const run = async (implementation, options, seed, times) => {
      const Store = implementation.factory(expressSession);
      await deployment.db.collection('histories').deleteMany({});
      const store = new Store({ uri: deployment.uri, databaseName: 'test', collection: 'histories', ...options });
      store.on('error', () => {});
      await store.initialConnectionPromise;
      try {
        const result = await runHistory(store, deployment.proxy, deployment.db.collection('histories'), history(seed, LENGTH), times);
        assert.ok(result.faults.length > 0, 'commands were hit');
        // What a store writes for itself, and what a history does.
        return { ...result, writes: deployment.proxy.writes.filter(({ name, command }) => command[name] === 'histories') };
      } finally {
        await store.client.close();
        deployment.proxy.honest();
      }
    };
    const seeds = Array.from({ length: RUNS }, (_, n) => SEED + n);
    /** So that the setting is not always the same. */
    const optionsOf = (seed) => [{}, { partialUpdates: true }, { batching: false }][seed % 3];

    it('leaves what was acknowledged last, and no write fails', async () => {
      let shared = 0;
      for (const seed of seeds) {
        const { wrong, failed, faults, writes } = await run(impl, optionsOf(seed), seed);
        assert.deepEqual({ seed, wrong, failed }, { seed, wrong: [], failed: [] });
        assertNumbered(writes);
        shared += faults.filter(({ statements }) => statements > 1).length;
      }
      assert.ok(shared > 0, 'commands with several sessions in them were hit');
    });

    it('leaves what was acknowledged last in the original, the yardstick', async () => {
      for (const seed of seeds.slice(0, 2)) {
        const { wrong } = await run(impl.load('original'), {}, seed, 1);
        assert.deepEqual({ seed, wrong }, { seed, wrong: [] });
      }
    });
  });
});
