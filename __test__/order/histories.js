'use strict';

/** Random histories of one store: what is called, on which session, and when the caller pauses. */

const fc = require('fast-check');

const SIDS = ['ada', 'bob', 'eve', 'joe'];
const OPERATIONS = ['get', 'set', 'set', 'touch', 'destroy'];
const DAY_MS = 86_400_000;
/** Far enough that nothing expires meanwhile. */
const START = Date.now() + DAY_MS;

const step = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  sid: fc.constantFrom(...SIDS),
  bytes: fc.oneof({ weight: 20, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.constant(200_000) }),
  pause: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) })
});

const history = fc.array(step, { minLength: 1, maxLength: 60 });

/** The session that step `n` stores; each differs from all others. */
function sessionOf({ bytes }, n) {
  return { cookie: { path: '/', expires: new Date(START + n * 1000) }, n, text: 'x'.repeat(bytes) };
}

/** Calls one step. @returns {Promise<*>} what a `get` gives, `undefined` for the others */
function call(store, { operation, sid, bytes }, n) {
  if (operation === 'get') return store.get(sid);
  if (operation === 'destroy') return store.destroy(sid);
  return store[operation](sid, sessionOf({ bytes }, n));
}

/** A turn of the event loop, in which batches leave. */
function pause() {
  return new Promise((resolve) => setImmediate(resolve));
}

module.exports = { SIDS, call, history, pause, sessionOf };
