'use strict';

/** Values that applications give: whatever they are, looking at them throws nothing. */

const { inspect } = require('util');

/**
 * @param {*} value
 * @param {object} options of `util.inspect`
 * @returns {string} something else for what cannot be inspected: a getter or a custom inspection threw
 */
function shown(value, options) {
  try {
    return inspect(value, options);
  } catch {
    return `<${typeof value} that cannot be shown>`;
  }
}

/** @returns {boolean} as `Array.isArray`, which throws for a revoked Proxy */
function isArray(value) {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

module.exports = { isArray, isObject, shown };
