'use strict';

/** The option `undefinedAs: 'absent'`: members of a session that are undefined are left out, and not stored as null. */

const { types } = require('util');
const { isArray } = require('../values');

/**
 * What is stored of a session, by the options of its store.
 *
 * @template T
 * @param {T} stored a session or cookie that is to be stored
 * @param {object} options of the store
 * @returns {T} a copy without the members that are undefined, where the options ask for it and there are any
 */
function asStored(stored, options) {
  return options.undefinedAs === 'absent' ? withoutUndefined(stored, new Set()) : stored;
}

/**
 * @param {*} value
 * @param {Set<object>} path the objects that the value is in: what is in itself is left to the encoder to refuse
 * @returns {*} the value itself where there is nothing to leave out. Elements of arrays stay: they would move
 */
function withoutUndefined(value, path) {
  if (!hasMembers(value) || path.has(value)) return value;
  path.add(value);
  const copy = isArray(value) ? arrayOf(value, path) : types.isMap(value) ? mapOf(value, path) : objectOf(value, path);
  path.delete(value);
  return copy;
}

/** Whether the encoder would store the members of a value, rather than the value as something of its own. */
function hasMembers(value) {
  if (typeof value !== 'object' || value === null) return false;
  if (value._bsontype != null || typeof value.toBSON === 'function') return false;
  return !types.isDate(value) && !types.isRegExp(value) && !ArrayBuffer.isView(value);
}

function arrayOf(array, path) {
  let changed = false;
  const copy = array.map((element) => {
    const without = withoutUndefined(element, path);
    changed ||= without !== element && !Object.is(without, element);
    return without;
  });
  return changed ? copy : array;
}

function mapOf(map, path) {
  let changed = false;
  const copy = new Map();
  for (const [key, member] of map) {
    const without = withoutUndefined(member, path);
    changed ||= without === undefined || !Object.is(without, member);
    if (without !== undefined) copy.set(key, without);
  }
  return changed ? copy : map;
}

function objectOf(object, path) {
  let changed = false;
  const members = [];
  for (const key of Object.keys(object)) {
    const member = object[key];
    const without = withoutUndefined(member, path);
    changed ||= without === undefined || !Object.is(without, member);
    if (without !== undefined) members.push([key, without]);
  }
  // By definition, not by assignment: `__proto__` is a key like others.
  return changed ? Object.fromEntries(members) : object;
}

module.exports = { asStored };
