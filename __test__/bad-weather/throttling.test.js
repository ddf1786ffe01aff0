'use strict';

/**
 * Azure Cosmos DB answers 16500 when more is asked of it than was paid for, and says in the text after how many
 * milliseconds it may be asked again: for a command as a whole, or for some statements of it. The proxy says so in its place.
 */

const assert = require('node:assert/strict');
const { call, refusal } = require('../support/stores');
const { useConnections } = require('../support/connections');
const { sessionOf, useDeployment } = require('./deployments');

const CODE = 16500;
const AFTER_MS = 200;
const message = (ms = AFTER_MS) => `Error=16500, RetryAfterMs=${ms}, Details='Response status code does not indicate success: TooManyRequests (429)'`;
const wholeCommand = (ms) => ({ ok: 0, code: CODE, errmsg: message(ms) });
const ids = (count, prefix) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

for (const kind of ['standalone', 'replica set']) {
  describe(`a ${kind} that throttles`, function throttling() {
    this.timeout(60_000);
    const deployment = useDeployment(kind);
    const connections = useConnections();

    async function open(options) {
      const store = await connections.store(deployment.uri, options);
      await store.set('there', sessionOf({ n: 1 }));
      deployment.proxy.honest();
      return store;
    }

    /** Throttles the first commands of this name as a whole. */
    function throttle(name, times, ms) {
      const throttled = [];
      deployment.proxy.treat = (request) => {
        if (request.name !== name || throttled.length >= times) return undefined;
        throttled.push(request);
        return request.answer(wholeCommand(ms)) ?? true;
      };
      return throttled;
    }

    const operations = {
      get: ['find', (store) => call(store, 'get', 'there')],
      set: ['update', (store) => call(store, 'set', 'there', sessionOf({ n: 1 }))],
      touch: ['update', (store) => call(store, 'touch', 'there', sessionOf({ n: 1 }))],
      destroy: ['delete', (store) => call(store, 'destroy', 'gone')]
    };
    for (const [method, [name, run]] of Object.entries(operations)) {
      it(`is asked again after the time that it says: ${method}`, async () => {
        // Of one connection, since a read that is late, as on a busy machine, is sent once more on another.
        const store = await open({ maxPoolSize: 1 });
        const throttled = throttle(name, 2);
        const { error, value } = await run(store);
        assert.equal(error ?? null, null);
        if (method === 'get') assert.equal(value.n, 1);
        assert.equal(throttled.length, 2);
        const sent = deployment.proxy.seen.filter((one) => one.name === name).map(({ at }) => at);
        assert.equal(sent.length, 3);
        for (const n of [1, 2]) assert.ok(sent[n] - sent[n - 1] >= AFTER_MS - 1, `asked again after ${sent[n] - sent[n - 1]} ms`);
      });
    }

    it('is asked again for the statements that it throttled only, together', async () => {
      const store = await open();
      let told;
      deployment.proxy.retell = (request, reply) => {
        if (told || request.name !== 'update' || request.statements.length < 8) return undefined;
        told = { sids: request.sids.filter((_, n) => n % 2 === 0), others: request.sids.filter((_, n) => n % 2 === 1), at: performance.now() };
        const writeErrors = request.statements.map((_, index) => ({ index, code: CODE, errmsg: message() })).filter(({ index }) => index % 2 === 0);
        return { ...reply, n: told.others.length, nModified: 0, upserted: undefined, writeErrors };
      };
      const outcomes = await Promise.all(ids(80, 'some').map((id, n) => call(store, 'set', id, sessionOf({ n }))));
      assert.deepEqual(outcomes.map(({ error }) => error).filter(Boolean), []);
      assert.ok(told, 'a command with several sessions was throttled');
      const later = deployment.proxy.writes.filter(({ at }) => at > told.at);
      const again = later.filter(({ sids }) => sids.some((sid) => told.sids.includes(sid)));
      assert.deepEqual(again.flatMap(({ sids }) => sids.filter((sid) => told.sids.includes(sid))).sort(), [...told.sids].sort());
      assert.ok(again.length <= told.sids.length / 2, `${told.sids.length} sessions in ${again.length} commands`);
      for (const { at } of again) assert.ok(at - told.at >= AFTER_MS - 1, `asked again after ${at - told.at} ms`);
      assert.deepEqual(later.flatMap(({ sids }) => sids.filter((sid) => told.others.includes(sid))), [], 'what was written is not written again');
    });

    it('is not asked for everything one by one when it throttles a command of several sessions', async () => {
      const store = await open();
      let throttled;
      deployment.proxy.treat = (request) => {
        if (throttled || request.name !== 'update' || request.statements.length < 8) return undefined;
        throttled = request;
        return request.answer(wholeCommand()) ?? true;
      };
      const outcomes = await Promise.all(ids(80, 'all').map((id, n) => call(store, 'set', id, sessionOf({ n }))));
      assert.deepEqual(outcomes.map(({ error }) => error).filter(Boolean), []);
      assert.ok(throttled, 'a command with several sessions was throttled');
      const again = deployment.proxy.writes.filter((one) => one !== throttled && one.sids.some((sid) => throttled.sids.includes(sid)));
      assert.deepEqual(again.flatMap(({ sids }) => sids.filter((sid) => throttled.sids.includes(sid))).sort(), [...throttled.sids].sort());
      assert.ok(again.length <= throttled.sids.length / 2, `${throttled.sids.length} sessions in ${again.length} commands`);
      for (const { at } of again) assert.ok(at - throttled.at >= AFTER_MS - 1, `asked again after ${at - throttled.at} ms`);
    });

    it('keeps nobody waiting but those that it throttled', async () => {
      const store = await open();
      let throttled;
      deployment.proxy.treat = (request) => {
        if (throttled && !request.sids.includes('waits')) return undefined;
        if (request.name !== 'update') return undefined;
        throttled = request;
        return request.answer(wholeCommand(400)) ?? true;
      };
      const waiting = call(store, 'set', 'waits', sessionOf({ n: 1 })).then(() => 'waits');
      const others = Promise.all(ids(30, 'free').map((id) => call(store, 'get', id))).then(() => 'others');
      assert.equal(await Promise.race([waiting, others]), 'others');
      deployment.proxy.honest();
      await waiting;
    });

    it('is an error once an operation\'s time is over, and was not asked all the time', async () => {
      const store = await open({ timeoutMS: 900 });
      throttle('update', Infinity);
      const startedAt = performance.now();
      const error = await refusal(store, 'set', 'never', sessionOf());
      const took = performance.now() - startedAt;
      // Without a limit of its own it would take thirty seconds.
      assert.ok(took < 900 + 5000, `${took} ms`);
      assert.match(`${error.message} ${error.cause?.message}`, /16500|RetryAfterMs|timed? ?out/i);
      assert.ok(deployment.proxy.writes.length <= 6, `${deployment.proxy.writes.length} commands`);
    });
  });
}
