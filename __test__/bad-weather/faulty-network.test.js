'use strict';

const assert = require('node:assert/strict');
const { random } = require('../../tools/benchmark/random');
const { hostOf, relayedUri } = require('../support/relay');
const { useStores } = require('../support/stores');
const { FaultyNetwork } = require('./faulty-network');

const SIDS = Array.from({ length: 40 }, (_, n) => `sid${n}`);
/** After each cut, a server is looked at again after half a second: the driver specification's pause. */
const OPERATIONS = 900;
const CALLERS = 48;
/** It goes on until so many connections were cut: how many commands there are, and so chances, depends on the machine. */
const CUTS = 5;
const SELECTION_MS = 5000;
/** No operation may take longer: waiting for a server, and a command that is cut again and again. */
const WITHIN_MS = 3 * SELECTION_MS;

/** What one session may hold: every value written since the last one that was acknowledged, and that. */
class Possible {
  constructor() {
    this.values = new Set([null]);
    this.underWay = new Set();
  }

  begin(value) {
    const write = { value, rivals: new Set(this.underWay) };
    for (const other of this.underWay) other.rivals.add(write);
    this.underWay.add(write);
    this.values.add(value);
    return write;
  }

  end(write, acknowledged) {
    this.underWay.delete(write);
    // Written in the order they were called, so whatever was there before is gone.
    if (acknowledged) this.values = new Set([write.value, ...[...write.rivals].map(({ value }) => value)]);
  }
}

describe('operations on a network that delays, reorders and cuts connections', function() {
  this.timeout(120_000);
  const stores = useStores();
  let network;

  after(() => network?.close());

  for (const batching of [true, false]) {
    it(`end exactly once, in time, and what was acknowledged is stored: ${batching ? 'batched' : 'not batched'}`, async () => {
      const draw = random(batching ? 11 : 12);
      network?.close();
      network = new FaultyNetwork(hostOf(stores.uri), draw);
      const uri = relayedUri(stores.uri, (await network.open()).port);
      const store = await stores.connected({
        uri, databaseName: stores.databaseName, batching, connectionOptions: { serverSelectionTimeoutMS: SELECTION_MS }
      });
      const possible = new Map(SIDS.map((sid) => [sid, new Possible()]));
      const ends = [];
      let slowest = 0;
      let wrong = null;

      const perform = (n) => new Promise((resolve) => {
        const sid = SIDS[Math.floor(draw() * SIDS.length)];
        const state = possible.get(sid);
        const startedAt = performance.now();
        const end = () => {
          ends[n] = (ends[n] ?? 0) + 1;
          slowest = Math.max(slowest, performance.now() - startedAt);
          resolve();
        };
        const kind = draw();
        if (kind < 0.45) {
          const before = new Set(state.values);
          return void store.get(sid, (error, session) => {
            const seen = session?.n ?? null;
            // Later calls on a session wait, so it saw what had been written before.
            if (!error && !before.has(seen)) wrong ??= `${sid} gave ${seen} instead of one of ${[...before]}`;
            if (!error && session && session.sid !== sid) wrong ??= `${sid} gave the session of ${session.sid}`;
            end();
          });
        }
        const value = kind < 0.85 ? n : null;
        const write = state.begin(value);
        const done = (error) => {
          state.end(write, !error);
          end();
        };
        if (value === null) store.destroy(sid, done);
        else store.set(sid, { cookie: {}, n, sid, text: 'x'.repeat(Math.floor(draw() * 3000)) }, done);
      });

      network.faulty = true;
      let next = 0;
      await Promise.all(Array.from({ length: CALLERS }, async () => {
        while (next < OPERATIONS || network.cuts < CUTS) await perform(next++);
      }));
      network.faulty = false;

      assert.equal(wrong, null);
      assert.equal(ends.length, next);
      assert.ok(Array.from(ends).every((count) => count === 1), 'each operation ended once');
      assert.ok(slowest < WITHIN_MS, `the slowest took ${slowest} ms`);
      for (const [sid, { values }] of possible) {
        const document = await stores.db.collection(store.options.collection).findOne({ _id: sid });
        const stored = document?.session.n ?? null;
        assert.ok(values.has(stored), `${sid} holds ${stored} instead of one of ${[...values]}`);
      }
      // And it goes on as if nothing had been.
      await store.set('after', { cookie: {}, fine: true });
      assert.equal((await store.get('after')).fine, true);
    });
  }
});
