'use strict';

/** How values become BSON and back: what a store tells the `bson` package, where it differs from the Node driver's defaults. */

const { MongoAPIError } = require('../errors/client');
const { cast } = require('./coerce');
const { TABLE } = require('./table');

const OPTIONS = Object.entries(TABLE).filter(([, { isBson }]) => isBson);

/**
 * @param {Map<string, Array>} given
 * @returns {object|undefined} undefined where everything is as by default
 * @throws {MongoAPIError|MongoParseError} as the Node driver does
 */
function bsonOptionsOf(given) {
  const options = {};
  for (const [name, { type, fallback }] of OPTIONS) {
    if (!given.has(name)) continue;
    const value = cast(name, given.get(name)[0], type);
    if (value !== fallback) options[name] = type === 'record' ? { ...value } : value;
  }
  if (options.useBigInt64 && (options.promoteLongs === false || options.promoteValues === false)) {
    throw new MongoAPIError('Must request either bigint or Long for int64 deserialization');
  }
  return Object.keys(options).length > 0 ? options : undefined;
}

module.exports = { bsonOptionsOf };
