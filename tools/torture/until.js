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

module.exports = { until };
