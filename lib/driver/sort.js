'use strict';

const { MongoInvalidArgumentError } = require('../errors');

const DIRECTIONS = { ascending: 1, asc: 1, 1: 1, descending: -1, desc: -1, '-1': -1 };

/**
 * A sort in any of the forms that the Node driver takes, as the server takes it: a Map, which keeps
 * the order of keys that look like numbers.
 *
 * @param {string|string[]|Array|object|Map} [sort]
 * @param {number|string|object} [direction] where `sort` is one name
 * @returns {Map|undefined} undefined when there is nothing to sort by
 * @throws {MongoInvalidArgumentError}
 */
function formatSort(sort, direction) {
  if (sort == null) return undefined;
  if (typeof sort === 'string') return new Map([[sort, directionOf(direction)]]);
  if (typeof sort !== 'object') {
    throw new MongoInvalidArgumentError(
      `Invalid sort format: ${JSON.stringify(sort)} Sort must be a valid object`
    );
  }
  const entries = entriesOf(sort);
  return entries.length > 0 ? new Map(entries.map(([key, value]) => [`${key}`, directionOf(value)])) : undefined;
}

function entriesOf(sort) {
  if (sort instanceof Map) return [...sort];
  if (!Array.isArray(sort)) return Object.entries(sort);
  if (Array.isArray(sort[0])) return sort;
  if (isPair(sort)) return [sort];
  return sort.map((key) => [key, 1]);
}

/** `['name', 'desc']`, as opposed to two names. */
function isPair(sort) {
  return sort.length === 2 && (isMeta(sort[1]) || direct(sort[1] ?? 1) !== undefined);
}

function directionOf(direction = 1) {
  if (isMeta(direction)) return direction;
  const found = direct(direction);
  if (found === undefined) {
    throw new MongoInvalidArgumentError(`Invalid sort direction: ${JSON.stringify(direction)}`);
  }
  return found;
}

function direct(direction) {
  const name = `${direction}`.toLowerCase();
  return Object.hasOwn(DIRECTIONS, name) ? DIRECTIONS[name] : undefined;
}

function isMeta(value) {
  return typeof value === 'object' && value !== null && typeof value.$meta === 'string';
}

module.exports = { formatSort };
