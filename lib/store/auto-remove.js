'use strict';

/**
 * How expired sessions are removed, as in connect-mongo: by MongoDB's expiry index (`native`), by
 * the store from time to time (`interval`), or not at all (`disabled`).
 */

// Not the globals: test frameworks replace those.
const { setInterval, clearInterval } = require('timers');
const { doing, report, storeError } = require('./report');

const MODES = ['native', 'interval', 'disabled'];
const DEFAULT_MINUTES = 10;
const MINUTE_MS = 60_000;
/** The longest that a timer of Node waits. */
const MAX_MINUTES = Math.floor(0x7fffffff / MINUTE_MS);

/** @returns {boolean} whether MongoDB is to remove what has expired */
function hasExpiryIndex({ autoRemove = 'native' }) {
  return autoRemove === 'native';
}

/**
 * Removes what has expired, every `autoRemoveInterval` minutes, until the store is closed.
 *
 * @param {MongoDBStore} store
 * @returns {function(): void} stops it
 */
function startRemoving(store) {
  const { autoRemove, autoRemoveInterval = DEFAULT_MINUTES } = store.options;
  if (autoRemove !== 'interval') return () => {};
  const timer = setInterval(() => remove(store), autoRemoveInterval * MINUTE_MS);
  // An idle store does not keep the process alive.
  timer.unref();
  return () => clearInterval(timer);
}

/** Deletes what the expiry index would delete. */
function remove(store) {
  // Closed by its client; it may be opened again.
  if (store.client.native.closed) return;
  const { expiresKey, expiresAfterSeconds } = store.options;
  const before = new Date(Date.now() - expiresAfterSeconds * 1000);
  store.collection.deleteMany({ [expiresKey]: { $lte: before } }).catch((cause) => {
    report(store, storeError(doing.removing(), cause), (error, heard) => {
      // Nobody asked at this moment, so nobody is to be thrown at; but it must not pass unseen.
      if (!heard) process.emitWarning(error.message);
    });
  });
}

module.exports = { MAX_MINUTES, MODES, hasExpiryIndex, startRemoving };
