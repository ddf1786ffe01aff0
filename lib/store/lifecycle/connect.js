'use strict';

const { beginDegraded, watchConnectivity } = require('./connectivity');
const { ensureIndexesLater, isAbsence } = require('./late-indexes');
const { addressNote } = require('../options/default-address');
const { doing, report, storeError } = require('../report');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

/**
 * Connects a store and makes sure of its indexes; then emits `connected` and calls back.
 *
 * The original's rule for who gets an error: listeners and the callback; a connection that fails
 * without a callback is also thrown, from the promise, whether anyone listens or not. Where no server
 * was there, the indexes are made (and `connected` is emitted) when one has come.
 *
 * @param {MongoDBStore} store
 * @param {Internals} internals of the store
 * @param {undefined|function(Error=): void} callback called once
 * @returns {Promise<object|undefined>} the client, once `connected` was emitted
 */
async function connect(store, internals, callback) {
  const { degrade } = internals.options;
  /** Whether `connected` was emitted, and whether the indexes are there. */
  const reached = { connected: false, indexes: false };
  beginAgainWhenConnected(store, internals, reached);
  try {
    await internals.client.connect();
  } catch (cause) {
    if (isAbsence(cause)) {
      if (degrade) beginDegraded(store, internals);
      ensureIndexesLater(store, internals, connectedLate(reached));
    }
    const error = storeError(doing.connecting(), cause, addressNote(internals.options));
    await deliver(store, error, callback);
    if (!callback) throw error;
    return undefined;
  }
  watchConnectivity(store, internals, true);
  watchSessions(store, internals);
  reached.connected = true;
  try {
    await internals.backend.ensureIndexes();
    reached.indexes = true;
  } catch (cause) {
    if (isAbsence(cause)) ensureIndexesLater(store, internals, () => { reached.indexes = true; });
    const error = storeError(doing.indexing(), cause);
    const heard = await deliver(store, error, callback);
    if (!heard && !callback) throw error;
  }
  return new Promise((resolve) => {
    // Ticks of their own: what a listener throws is its own uncaught exception.
    nextTick(() => store.emit('connected'));
    if (reached.indexes && callback) nextTick(() => callback());
    nextTick(resolve, internals.client);
  });
}

function watchSessions(store, internals) {
  if (internals.options.watch) require('./watch').startWatching(store, internals);
}

/** The first connection failed, and now there are a server and the indexes. */
function connectedLate(reached) {
  return (store, internals) => {
    Object.assign(reached, { connected: true, indexes: true });
    watchSessions(store, internals);
    nextTick(() => store.emit('connected'));
    if (!internals.options.degrade) watchConnectivity(store, internals, true);
  };
}

/**
 * What the store hears from the background thread ends with the client that the application closes, and so does the wait
 * for a server on which to make the indexes. If the application connects the same client again, both begin anew.
 */
function beginAgainWhenConnected(store, internals, reached) {
  const [held, heldInternals] = [new WeakRef(store), new WeakRef(internals)];
  const { client } = internals;
  let { generation } = client.native;
  client.s.whenConnected.push(() => {
    const [reopened, its] = [held.deref(), heldInternals.deref()];
    // A client that operations had opened by themselves was not closed in between.
    if (reopened === undefined || its === undefined || client.native.generation === generation) return;
    generation = client.native.generation;
    if (reached.connected) {
      watchSessions(reopened, its);
      if (!reached.indexes) ensureIndexesLater(reopened, its, () => { reached.indexes = true; });
    } else {
      ensureIndexesLater(reopened, its, connectedLate(reached));
    }
    if (reached.connected || its.options.degrade) watchConnectivity(reopened, its, its.available ?? true);
  });
}

/**
 * The application's client did not come, or cannot be used.
 *
 * @returns {Promise<undefined>} rejects without a callback, as `connect` does
 */
async function failed(store, cause, callback) {
  const error = storeError(doing.connecting(), cause instanceof Error ? cause : new Error(String(cause)));
  await deliver(store, error, callback);
  if (!callback) throw error;
}

/** @returns {Promise<boolean>} whether a listener heard of it; the callback has run then */
function deliver(store, error, callback) {
  return new Promise((resolve) => {
    report(store, error, (reported, heard) => {
      resolve(heard);
      if (callback) callback(reported);
    });
  });
}

module.exports = { connect, failed };
