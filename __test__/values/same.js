'use strict';

const assert = require('node:assert/strict');
const { types } = require('node:util');

/** Invalid dates are not equal to each other for every version of `assert`. */
const INVALID_DATE = Symbol('invalid date');

/**
 * Asserts that two decoded values are the same, types, prototypes and order of keys included.
 * Changes invalid dates in them.
 */
function assertSame(actual, expected) {
  if (isInvalidDate(actual) && isInvalidDate(expected)) return;
  assert.deepStrictEqual(markInvalidDates(actual), markInvalidDates(expected));
  assertSameOrder(actual, expected);
}

function isInvalidDate(value) {
  return types.isDate(value) && Number.isNaN(value.getTime());
}

function markInvalidDates(value) {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const key of Object.keys(value)) {
    if (isInvalidDate(value[key])) Object.defineProperty(value, key, { value: INVALID_DATE });
    else markInvalidDates(value[key]);
  }
  return value;
}

function assertSameOrder(actual, expected) {
  if (typeof actual !== 'object' || actual === null || ArrayBuffer.isView(actual)) return;
  const keys = Object.keys(actual);
  assert.deepEqual(keys, Object.keys(expected));
  for (const key of keys) assertSameOrder(actual[key], expected[key]);
}

module.exports = { assertSame };
