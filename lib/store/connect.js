'use strict';

const { beginDegraded, watchConnectivity } = require('./connectivity');
const { ensureIndexesLater, isAbsence } = require('./late-indexes');
const { ensureIndexes } = require('./operations');
const { doing, report, storeError } = require('./report');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

/**
 * Connects a store and makes sure of its indexes; then emits `connected` and calls back.
 *
 * The original's rule for who gets an error: listeners and the callback; a connection that fails
 * without a callback is also thrown, from the promise, whether anyone listens or not. Where no server
 * was there, the indexes are made (and `connected` is emitted) when one has come.
 *
 * @param {EventEmitter} store
 * @param {undefined|function(Error=): void} callback called once
 * @returns {Promise<object|undefined>} the client, once `connected` was emitted
 */
async function connect(store, callback) {
  try {
    await store.client.connect();
  } catch (cause) {
    if (isAbsence(cause)) {
      if (store.options.degrade) beginDegraded(store);
      ensureIndexesLater(store, () => nextTick(() => store.emit('connected')), () => {
        if (!store.options.degrade) watchConnectivity(store, true);
      });
    }
    const error = storeError(doing.connecting(), cause);
    await told(store, error, callback);
    if (!callback) throw error;
    return undefined;
  }
  watchConnectivity(store, true);
  let indexed = true;
  try {
    await ensureIndexes(store);
  } catch (cause) {
    indexed = false;
    if (isAbsence(cause)) ensureIndexesLater(store, () => {});
    const error = storeError(doing.indexing(), cause);
    const heard = await told(store, error, callback);
    if (!heard && !callback) throw error;
  }
  return new Promise((resolve) => {
    // Ticks of their own: what a listener throws is its own uncaught exception.
    nextTick(() => store.emit('connected'));
    if (indexed && callback) nextTick(() => callback());
    nextTick(resolve, store.client);
  });
}

/** @returns {Promise<boolean>} whether a listener heard of it; the callback has run then */
function told(store, error, callback) {
  return new Promise((resolve) => {
    report(store, error, (reported, heard) => {
      resolve(heard);
      if (callback) callback(reported);
    });
  });
}

module.exports = { connect };
