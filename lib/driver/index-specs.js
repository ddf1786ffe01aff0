'use strict';

/** The forms in which indexes are described, and the server's. */

/** Options of an index; the others of a `createIndex` call are the command's. */
const INDEX_OPTIONS = new Set([
  'background',
  'unique',
  'name',
  'partialFilterExpression',
  'sparse',
  'hidden',
  'expireAfterSeconds',
  'storageEngine',
  'collation',
  'version',
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
  'bits',
  'min',
  'max',
  'bucketSize',
  'wildcardProjection'
]);

const NAMED_DIRECTIONS = new Set(['2d', '2dsphere', 'text', 'geoHaystack']);

/**
 * The keys of an index, in order.
 *
 * @param {string|Array|object|Map} spec `'a'`, `['a', -1]`, `['a', 'b']`, `[['a', 1], ['b', -1]]`,
 *   `{ a: 1, b: -1 }`, `[{ a: 1 }, { b: -1 }]` or a Map
 * @returns {Map<string, *>}
 */
function indexKeys(spec) {
  const keys = new Map();
  for (const part of !Array.isArray(spec) || isPair(spec) ? [spec] : spec) {
    if (typeof part === 'string') keys.set(part, 1);
    else if (Array.isArray(part)) keys.set(part[0], part[1] ?? 1);
    else if (part instanceof Map) for (const [key, direction] of part) keys.set(key, direction);
    else if (Object.prototype.toString.call(part) === '[object Object]') {
      for (const [key, direction] of Object.entries(part)) keys.set(key, direction);
    }
  }
  return keys;
}

function isPair(spec) {
  return spec.length === 2 && (typeof spec[1] === 'number' || NAMED_DIRECTIONS.has(spec[1]));
}

/**
 * An entry of the `createIndexes` command.
 *
 * @param {{key: object|Map, name?: string, version?: number}} description
 * @returns {object} with a name made of the keys unless it has one, such as `a_1_b_-1`
 */
function indexDescription(description) {
  const key = description.key instanceof Map ? description.key : new Map(Object.entries(description.key));
  const entry = {};
  for (const [option, value] of Object.entries(description)) {
    if (INDEX_OPTIONS.has(option)) entry[option === 'version' ? 'v' : option] = value;
  }
  entry.name = description.name ?? Array.from(key).flat().join('_');
  entry.key = key;
  return entry;
}

module.exports = { indexDescription, indexKeys };
