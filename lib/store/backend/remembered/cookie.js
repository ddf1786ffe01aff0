'use strict';

const { types } = require('util');

/**
 * express-session computes `originalMaxAge` from two looks at the clock with every touch, so it
 * drifts by a millisecond or, on a busy machine, some more.
 */
const DRIFT_MS = 1000;

/** @returns {undefined|object} a copy: the application may change the cookie it was given */
function snapshotOf(cookie) {
  return typeof cookie === 'object' && cookie !== null ? { ...cookie } : undefined;
}

/**
 * Whether two stored cookies differ in nothing but their expiry.
 *
 * @param {undefined|object} before
 * @param {undefined|object} after
 * @returns {boolean} false in doubt
 */
function sameCookie(before, after) {
  // A touch without a cookie sets none.
  if (after === undefined) return true;
  if (before === undefined) return false;
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key] ?? null, after[key] ?? null];
    // @fastify/session's note of the expiry that was read.
    if (key === 'originalExpires') continue;
    if (key === 'expires') {
      // A cookie until a date, or until the browser is closed.
      if ((was === null) !== (is === null)) return false;
    } else if (key === 'originalMaxAge' && typeof was === 'number' && typeof is === 'number') {
      if (Math.abs(was - is) >= DRIFT_MS) return false;
    } else if (!sameValue(was, is)) return false;
  }
  return true;
}

function sameValue(was, is) {
  return was === is || (types.isDate(was) && types.isDate(is) && was.getTime() === is.getTime());
}

module.exports = { sameCookie, snapshotOf };
