'use strict';

const assert = require('node:assert/strict');
const { FAIL_POINTS, withFailPoint } = require('../support/fail-point');
const { call } = require('../support/stores');
const { useConnections } = require('../support/connections');
const { Proxy } = require('../../tools/torture/proxy');
const { sessionOf, useDeployment } = require('./deployments');

/** It takes a second or two; the driver by itself would notice after twenty, and an operation's time is over after thirty. */
const UNSEEN_MS = 12_000;
const openProxy = (port) => new Proxy({ host: '127.0.0.1', port }).open();

for (const kind of ['standalone', 'replica set']) {
  describe(`connections to a ${kind} that went silent, while new ones work`, function silent() {
    this.timeout(60_000);
    const deployment = useDeployment(kind, { args: FAIL_POINTS, openProxy });
    const connections = useConnections();

    const inTime = async (work) => {
      const since = performance.now();
      const late = new AbortController();
      const { setTimeout: pause } = require('node:timers/promises');
      const outcome = await Promise.race([work(), pause(UNSEEN_MS, { error: new Error(`no end within ${UNSEEN_MS} ms`) }, { signal: late.signal })]);
      late.abort();
      assert.equal(outcome.error ?? null, null);
      return { ...outcome, ms: performance.now() - since };
    };

    async function open(options) {
      const store = await connections.store(deployment.uri, options);
      await Promise.all(Array.from({ length: 8 }, (_, n) => store.set(`warm${n}`, sessionOf({ n }))));
      return store;
    }

    const operations = {
      get: (store) => call(store, 'get', 'warm1'),
      set: (store) => call(store, 'set', 'warm1', sessionOf({ n: 1 })),
      touch: (store) => call(store, 'touch', 'warm1', sessionOf()),
      destroy: (store) => call(store, 'destroy', 'warm2')
    };

    // The methods wait at once, each on a store (and so connections) of its own: none is helped by what another noticed.
    let methodOutcomes;
    before(async () => {
      const methods = Object.entries(operations);
      const stores = [];
      for (const [method] of methods) stores.push(await open({ appName: `silent-${method}` }));
      deployment.proxy.silenceOpen();
      const settled = await Promise.allSettled(methods.map(([, run], n) => inTime(() => run(stores[n]))));
      methodOutcomes = Object.fromEntries(methods.map(([method], n) => [method, settled[n]]));
    });

    for (const method of Object.keys(operations)) {
      it(`are not noticed: ${method}`, () => {
        const { reason, value } = methodOutcomes[method];
        assert.ifError(reason);
        if (method === 'get') assert.equal(value.value.n, 1);
      });
    }

    it('are not noticed by many at once, which were under way', async () => {
      const store = await open();
      const sids = Array.from({ length: 50 }, (_, n) => `many${n}`);
      const calls = sids.map((sid, n) => inTime(() => call(store, 'set', sid, sessionOf({ n }))));
      deployment.proxy.silenceOpen();
      await Promise.all(calls);
      const sessions = await Promise.all(sids.map((sid) => store.get(sid)));
      assert.deepEqual(sessions.map(({ n }) => n), sids.map((_, n) => n));
    });

    it('are not what a command is taken for that takes the server long', async () => {
      const store = await connections.store(deployment.uri, { appName: `long-${kind}` });
      await store.set('long', sessionOf({ n: 0 }));
      const data = { failCommands: ['update', 'find'], appName: `long-${kind}`, blockTimeMS: 4000 };
      const outcomes = await withFailPoint(deployment.witness, data, () => Promise.all([
        call(store, 'set', 'long', sessionOf({ n: 1 })), call(store, 'get', 'other')
      ]));
      assert.deepEqual(outcomes.map(({ error }) => error).filter(Boolean), []);
      assert.equal((await store.get('long')).n, 1);
    });
  });
}
