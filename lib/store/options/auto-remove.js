'use strict';

/** The options `autoRemove` and `autoRemoveInterval`: what they take. */

/**
 * How expired sessions are removed, as in connect-mongo: by MongoDB's expiry index (`native`), by the store from time to
 * time (`interval`), or not at all (`disabled`).
 */
const MODES = ['native', 'interval', 'disabled'];
const MINUTE_MS = 60_000;
/** The longest that a timer of Node waits. */
const MAX_TIMER_MS = 0x7fffffff;
const MAX_MINUTES = Math.floor(MAX_TIMER_MS / MINUTE_MS);

/** @returns {boolean} whether MongoDB is to remove what has expired */
function hasExpiryIndex({ autoRemove = 'native' }) {
  return autoRemove === 'native';
}

/** @returns {boolean} whether the store is to remove it */
function removesItself({ autoRemove }) {
  return autoRemove === 'interval';
}

module.exports = { MAX_MINUTES, MAX_TIMER_MS, MINUTE_MS, MODES, hasExpiryIndex, removesItself };
