'use strict';

/**
 * Which filters `destroyWhere` and `find` take. What the BSON encoder would leave out (functions, symbols,
 * whatever `toBSON` hides) would leave a filter that matches every session; so it is refused.
 */

const { types } = require('util');
const { isArray, shown } = require('./values');

/** Kinds of values that are no condition. */
const NO_CONDITION = ['undefined', 'function', 'symbol'];

/**
 * @param {*} given
 * @returns {object} a copy, whose conditions are what was checked: getters are read once
 * @throws {TypeError} when it is no plain object, has no condition, or one that would not be sent as it is
 */
function checkedFilter(given) {
  const filter = usableFilter('destroyWhere', given, refusal);
  // A filter of nothing but undefined is one without a condition.
  if (Object.keys(filter).length === 0) throw refusal(given);
  return filter;
}

/**
 * @param {string} method that takes the filter
 * @param {*} given a filter that may have no conditions
 * @param {function(*): TypeError} refuse
 * @returns {object} a copy
 * @throws {TypeError}
 */
function usableFilter(method, given, refuse) {
  if (!isPlain(given)) throw refuse(given);
  const filter = { ...given };
  const names = Object.keys(filter);
  if (names.length > 0 && names.every((name) => filter[name] === undefined)) throw refuse(given);
  const unusable = names.find((name) => NO_CONDITION.includes(typeof filter[name]));
  if (unusable !== undefined) {
    throw new TypeError(`${method} cannot use the condition "${unusable}": its value is ${article(typeof filter[unusable])}`);
  }
  return filter;
}

/** Plain in whatever realm it was made: jest and `vm` have an `Object` of their own. */
function isPlain(value) {
  if (typeof value !== 'object' || value === null || isArray(value) || types.isArgumentsObject(value)) return false;
  if (typeof value.toBSON === 'function' || value._bsontype !== undefined) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

function article(type) {
  return type === 'undefined' ? type : `a ${type}`;
}

function brief(given) {
  return shown(given, { depth: 0, maxStringLength: 40, maxArrayLength: 0, customInspect: false, getters: false });
}

function refusal(given) {
  const text = brief(given);
  return new TypeError(
    `destroyWhere takes a plain object with at least one condition, such as { 'session.userId': 7 }; got ${text}. ` +
      'To delete every session, call clear()'
  );
}

module.exports = { brief, checkedFilter, isPlain, usableFilter };
