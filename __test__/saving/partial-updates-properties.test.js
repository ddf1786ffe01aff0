'use strict';

const assert = require('node:assert/strict');
const fc = require('fast-check');
const { ask, useStores } = require('../support/stores');

const KEYS = ['a', 'b', 'c', 'd'];
const REQUESTS = 4;

/** What a request does next to the session: load it, change or delete a key of its own copy, or save that. */
const step = fc.record({
  request: fc.nat(REQUESTS - 1),
  does: fc.oneof(
    fc.constant({ load: true }),
    fc.constant({ save: true }),
    fc.record({ key: fc.constantFrom(...KEYS), value: fc.oneof(fc.nat(3), fc.constant({ deep: [1, 'é'] }), fc.constant(null)) }),
    fc.record({ drop: fc.constantFrom(...KEYS) })
  )
});

/**
 * Of each key the last save of a request that had changed it: that is all there is to it. A save that does not
 * wait for the one before it, which may fail, writes the keys of that one too.
 */
class Model {
  constructor(session) {
    this.stored = { ...session };
    this.requests = [];
    this.underWay = [];
  }

  load(request) {
    this.requests[request] = { ...this.stored };
    this.underWay[request] = new Set();
  }

  /** All saves have ended. */
  settle() {
    for (const keys of this.underWay) keys?.clear();
  }

  save(request, session) {
    const before = this.requests[request];
    for (const key of KEYS) {
      const same = (key in before) === (key in session) && JSON.stringify(before[key]) === JSON.stringify(session[key]);
      if (same && !this.underWay[request].has(key)) continue;
      this.underWay[request].add(key);
      if (key in session) this.stored[key] = session[key];
      else delete this.stored[key];
    }
    this.requests[request] = structuredClone(session);
  }
}

for (const options of [{}, { preventResurrection: true, touchAfter: 60 }, { batching: false }]) {
  describe(`partialUpdates ${JSON.stringify(options)}: any interleaving of requests`, function() {
    this.timeout(60000);
    this.slow(20000);
    const stores = useStores();

    // Whether a save waits for those before it, and whether the requests are served by one process.
    for (const waits of [true, false]) {
      it(`ends with the last save of each key, ${waits ? 'one after another' : 'saves not waiting for each other'}`, async () => {
        const first = await stores.connected({ partialUpdates: true, ...options });
        const second = await stores.connected({ partialUpdates: true, ...options, collection: first.options.collection });
        let serial = 0;
        await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.boolean(), async (steps, apart) => {
          const sid = `s${++serial}`;
          const cookie = { path: '/' };
          const begin = { a: 0, b: { deep: [1, 'é'] } };
          await ask(first, 'set', sid, { cookie, ...begin });
          const model = new Model(begin);
          const sessions = [];
          const saves = [];
          // Stores of two processes do not know of each other's order.
          const storeOf = (request) => apart && waits && request % 2 ? second : first;
          for (const { request, does } of steps) {
            if (does.load || !sessions[request]) {
              await Promise.all(saves.splice(0));
              model.settle();
              sessions[request] = await ask(storeOf(request), 'get', sid);
              model.load(request);
            }
            const session = sessions[request];
            if (does.save) {
              const saving = ask(storeOf(request), 'set', sid, session);
              const data = { ...session };
              delete data.cookie;
              model.save(request, data);
              if (waits) {
                await saving;
                model.settle();
              } else saves.push(saving);
            } else if (does.key) session[does.key] = structuredClone(does.value);
            else if (does.drop) delete session[does.drop];
          }
          await Promise.all(saves);
          const { cookie: kept, ...data } = await ask(second, 'get', sid);
          assert.deepEqual(kept, cookie);
          assert.deepEqual(data, model.stored);
        }), { numRuns: Number(process.env.PROPERTY_RUNS) || 60 });
      });
    }
  });
}
