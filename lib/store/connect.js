'use strict';

const { ensureIndexes } = require('./operations');
const { doing, report, storeError } = require('./report');

/**
 * Connects a store and makes sure of its indexes; then emits `connected` and calls back.
 *
 * The original's rule for who gets an error: listeners and the callback; a connection that fails
 * without a callback is also thrown, from the promise, whether anyone listens or not.
 *
 * @param {EventEmitter} store
 * @param {undefined|function(Error=): void} callback called once
 * @returns {Promise<object|undefined>} the client, once `connected` was emitted
 */
async function connect(store, callback) {
  let calledBack = callback;
  try {
    await store.client.connect();
  } catch (cause) {
    const error = storeError(doing.connecting(), cause);
    report(store, error, callback);
    if (!callback) throw error;
    return undefined;
  }
  try {
    await ensureIndexes(store);
  } catch (cause) {
    const error = storeError(doing.indexing(), cause);
    if (!report(store, error, callback)) throw error;
    calledBack = undefined;
  }
  return new Promise((resolve) => {
    // Ticks of their own: what a listener throws is its own uncaught exception.
    process.nextTick(() => store.emit('connected'));
    if (calledBack) process.nextTick(() => calledBack());
    process.nextTick(resolve, store.client);
  });
}

module.exports = { connect };
