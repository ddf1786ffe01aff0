'use strict';

/** The option `autoRemove: 'interval'`: the store itself removes what has expired, from time to time. */

// Not the globals: test frameworks replace those.
const { setTimeout, clearTimeout } = require('timers');
const { without } = require('../end-sessions');
const { tellOf } = require('../observe/observation');
const { MAX_TIMER_MS, MINUTE_MS } = require('../options/auto-remove');
const { doing, report, storeError } = require('../report');

const DEFAULT_MINUTES = 10;
/** By how much of the interval a removal may come earlier or later. */
const JITTER = 0.1;
/** Sessions that are removed at a time where listeners hear of each. */
const AT_ONCE = 1000;

/**
 * Removes what has expired, about every `autoRemoveInterval` minutes, until the store is closed, or nobody has it any more.
 *
 * @param {MongoDBStore} store
 * @param {Internals} internals of the store
 * @returns {function(): void} stops it
 */
function startRemoving(store, internals) {
  const { autoRemoveInterval = DEFAULT_MINUTES } = internals.options;
  return removeAgainAndAgain(new WeakRef(store), new WeakRef(internals), autoRemoveInterval * MINUTE_MS);
}

/** What a timer calls, it keeps alive: so this knows the store by weak references only. */
function removeAgainAndAgain(held, heldInternals, periodMs) {
  let timer;
  const wait = () => {
    timer = setTimeout(() => {
      const [store, internals] = [held.deref(), heldInternals.deref()];
      if (store === undefined || internals === undefined) return;
      wait();
      remove(store, internals);
    }, withJitter(periodMs));
    // An idle store does not keep the process alive.
    timer.unref();
  };
  wait();
  return () => clearTimeout(timer);
}

/** Servers that were started at the same moment do not all ask at the same moment. */
function withJitter(periodMs) {
  return Math.min(periodMs * (1 + JITTER * (2 * Math.random() - 1)), MAX_TIMER_MS);
}

/** Deletes what the expiry index would delete. */
function remove(store, internals) {
  // Closed by its client; it may be opened again.
  if (internals.client.native.closed) return;
  const { expiresKey, expiresAfterSeconds } = internals.options;
  const before = new Date(Date.now() - expiresAfterSeconds * 1000);
  removeWhere(store, internals, { [expiresKey]: { $lte: before } }).catch((cause) => {
    report(store, storeError(doing.removing(), cause), (error, heard) => {
      // No caller waits for this, so there is nobody to throw the error at. A warning keeps it from passing unseen.
      if (!heard) process.emitWarning(error.message);
    });
  });
}

/** Where somebody listens, their ids are asked for first. One that is renewed meanwhile stays, and nobody hears of it. */
async function removeWhere(store, { backend, options: { idField, watch } }, expired) {
  // A store that watches hears of these as of others'.
  if (watch || store.listenerCount('expire') === 0) return backend.destroyWhere(expired);
  for (;;) {
    const ids = await backend.idsWhere(expired, { limit: AT_ONCE, readPreference: 'primary' });
    if (ids.length === 0) return undefined;
    const count = await backend.destroyWhere({ ...expired, [idField]: { $in: ids } });
    const left = count === ids.length ? [] : await backend.idsWhere({ [idField]: { $in: ids } }, { readPreference: 'primary' });
    tellOf(store, 'expire', without(ids, left));
    if (ids.length < AT_ONCE) return undefined;
  }
}

module.exports = { startRemoving };
