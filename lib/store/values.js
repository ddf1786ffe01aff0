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

/** @returns {string} what an error message says of a value that must not be read there: it may be a secret */
function kindOf(value) {
  if (value === null || value === undefined) return String(value);
  return isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

/** @returns {string} the same, and a number itself */
function numberOrKindOf(value) {
  return typeof value === 'number' ? String(value) : kindOf(value);
}

module.exports = { isArray, isObject, kindOf, numberOrKindOf, shown };
