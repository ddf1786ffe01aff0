'use strict';

/** Indexes of a store that was opened before its server was there. */

const { doing, report, storeError } = require('../report');

/** Errors of servers that are not there, in the Node driver's terms: they may come. */
const ABSENT = new Set([
  'MongoServerSelectionError', 'MongoNetworkError', 'MongoNetworkTimeoutError', 'MongoPoolClearedError', 'MongoOperationTimeoutError'
]);

/** @returns {boolean} whether an error says that no server was there, rather than what one said */
function isAbsence(error) {
  return ABSENT.has(error.name);
}

/**
 * Has the background thread make the indexes once there is a server. Without the expiry index no session would ever be
 * removed.
 *
 * @param {MongoDBStore} store
 * @param {Internals} internals of the store
 * @param {function(MongoDBStore, Internals): void} made called once, when the indexes are there; must not keep the store
 */
function ensureIndexesLater(store, internals, made) {
  // Closed while it was connecting.
  if (internals.over || internals.client.native.closed) return;
  internals.backend.ensureIndexesLater(onEnd(new WeakRef(store), new WeakRef(internals), made));
}

/** Made where nothing else knows the store: what waits for a server is kept, and must not keep a dropped store. */
function onEnd(held, heldInternals, made) {
  return (refusal) => {
    const [store, internals] = [held.deref(), heldInternals.deref()];
    if (store === undefined || internals === undefined || internals.over) return;
    if (!refusal) return made(store, internals);
    report(store, storeError(doing.indexing(), refusal), (error, heard) => {
      // No caller waits for this, so there is nobody to throw the error at. A warning keeps it from passing unseen.
      if (!heard) process.emitWarning(error.message);
    });
  };
}

module.exports = { ensureIndexesLater, isAbsence };
