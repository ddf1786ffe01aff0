'use strict';

const assert = require('node:assert/strict');
const fc = require('fast-check');
const { useStores } = require('../support/stores');
const { call, history, pause } = require('./histories');

/** Set BATCHING_RUNS for longer runs, and BATCHING_SEED to repeat one. */
const RUNS = Number(process.env.BATCHING_RUNS ?? 150);
const SEED = process.env.BATCHING_SEED === undefined ? undefined : Number(process.env.BATCHING_SEED);

const SETTINGS = {
  'by _id': {},
  'by a field of its own': { idField: 'sid', expiresKey: 'until' },
  'without retryable writes': { connectionOptions: { retryWrites: false } },
  'with a write concern and a read preference': {
    connectionOptions: { w: 1, journal: false, readPreference: 'primaryPreferred' }
  },
  'not batched': { batching: false }
};

/** All calls without waiting for each other. @returns {Promise<*[]>} what each gave */
async function atOnce(store, steps) {
  const calls = [];
  for (const [n, step] of steps.entries()) {
    calls.push(call(store, step, n));
    if (step.pause) await pause();
  }
  return Promise.all(calls);
}

async function oneByOne(store, steps) {
  const results = [];
  for (const [n, step] of steps.entries()) results.push(await call(store, step, n));
  return results;
}

describe('calls that do not wait for each other', function() {
  this.timeout(120_000);
  const stores = useStores();

  for (const [setting, options] of Object.entries(SETTINGS)) {
    it(`end as the same calls made one by one: ${setting}`, async () => {
      const [many, single] = await Promise.all([
        stores.connected(options),
        stores.connected({ ...options, batching: false })
      ]);
      const documents = async (store) => {
        const { idField } = store.options;
        const found = await stores.db.collection(store.options.collection).find().sort({ [idField]: 1 }).toArray();
        return found.map(({ _id, ...rest }) => (idField === '_id' ? { _id, ...rest } : rest));
      };
      await fc.assert(fc.asyncProperty(history, async (steps) => {
        await Promise.all([many.clear(), single.clear()]);
        const expected = await oneByOne(single, steps);
        assert.deepEqual(await atOnce(many, steps), expected);
        assert.deepEqual(await documents(many), await documents(single));
      }), { numRuns: RUNS, ...(SEED !== undefined && { seed: SEED }) });
    });
  }
});
