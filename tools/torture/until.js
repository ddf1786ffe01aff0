'use strict';

const { setTimeout: pause } = require('timers/promises');

const POLL_MS = 20;

/**
 * @param {function(): *} condition may be async; what it throws counts as not yet
 * @param {number} withinMs
 * @returns {Promise<*>} the first truthy value, or undefined when the time was over
 */
async function until(condition, withinMs) {
  for (const end = Date.now() + withinMs; ;) {
    const value = await Promise.resolve().then(condition).catch(() => false);
    if (value) return value;
    if (Date.now() > end) return undefined;
    await pause(POLL_MS);
  }
}

/**
 * @param {Promise} promise
 * @param {number} withinMs
 * @returns {Promise<boolean>} whether it was fulfilled in that time; no timer is left behind
 */
async function endsWithin(promise, withinMs) {
  const late = new AbortController();
  try {
    return await Promise.race([
      promise.then(() => true),
      pause(withinMs, false, { signal: late.signal }).catch(() => false)
    ]);
  } finally {
    late.abort();
  }
}

module.exports = { endsWithin, until };
