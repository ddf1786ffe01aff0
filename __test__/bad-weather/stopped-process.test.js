'use strict';

/** The application's process stands still and goes on: every timer in it is due then, and the server has done nothing wrong. */

const assert = require('node:assert/strict');
const { setTimeout: pause } = require('node:timers/promises');
const { StoreProcess } = require('../../tools/torture/load/process');
const { Proxy } = require('../../tools/torture/proxy');
const { eventually } = require('../support/stores');
const { sessionOf, useDeployment } = require('./deployments');

/** A minute in small: longer than each of the intervals and limits of these stores. */
const STOPPED_MS = 5000;
/** Long enough for a busy machine. */
const LIMIT_MS = 2000;
const CONNECTION = { serverSelectionTimeoutMS: LIMIT_MS, connectTimeoutMS: LIMIT_MS, socketTimeoutMS: LIMIT_MS, heartbeatFrequencyMS: 500 };
const LIMITS = { 'short limits': CONNECTION, timeoutMS: { timeoutMS: LIMIT_MS, heartbeatFrequencyMS: 500 } };

for (const kind of ['standalone', 'replica set']) {
  describe(`a process that was stopped for a while, with a ${kind}`, function stopped() {
    this.timeout(60_000);
    const deployment = useDeployment(kind, { openProxy: (port) => new Proxy({ host: '127.0.0.1', port }).open() });
    afterEach(() => (deployment.proxy.way = 'clear'));

    const withStore = (work) => StoreProcess.with('ours', undefined, work);
    const standStill = async (store) => {
      store.process.kill('SIGSTOP');
      await pause(STOPPED_MS);
      store.process.kill('SIGCONT');
    };
    const get = (store) => store.call('call', { method: 'get', args: ['a'] });

    for (const [limits, connectionOptions] of Object.entries(LIMITS)) {
      it(`while it was idle, serves the next get: ${limits}`, () => withStore(async (store) => {
        await store.open({ uri: deployment.uri, databaseName: 'test', connectionOptions });
        await store.call('call', { method: 'set', args: ['a', sessionOf({ n: 1 })] });
        await standStill(store);
        const { error, value } = await get(store);
        assert.equal(error ?? null, null);
        assert.equal(value.n, 1);
      }));
    }

    it('while it was connecting, serves the next get', () => withStore(async (store) => {
      deployment.proxy.way = 'late';
      deployment.proxy.delayMs = 200;
      const before = deployment.proxy.pairs.size;
      store.open({ uri: deployment.uri, databaseName: 'test', connectionOptions: CONNECTION }).catch(() => {});
      await eventually(() => deployment.proxy.pairs.size > before);
      await standStill(store);
      deployment.proxy.way = 'clear';
      const { error } = await get(store);
      assert.equal(error ?? null, null);
    }));
  });
}
