'use strict';

/** Values as plain data that `deepEqual` can compare between two drivers: types and order included. */

const { EJSON } = require('bson');

/** The server's own names for builds and collections. */
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What a replica set says about when. */
const TIMES = new Set(['$clusterTime', 'operationTime', 'opTime', 'electionId']);

/**
 * @param {*} value a result or an error
 * @param {string} database its name is left out, because each driver has its own
 * @returns {*}
 */
function describeValue(value, database) {
  const seen = new Set();

  function describe(part) {
    if (typeof part === 'string') return part.replaceAll(database, '<db>').replace(UUID, '<uuid>');
    if (part === undefined) return '<undefined>';
    if (typeof part === 'bigint') return `<bigint ${part}>`;
    if (typeof part === 'function') return '<function>';
    if (typeof part === 'number') return Object.is(part, -0) ? '<-0>' : part;
    if (part === null || typeof part !== 'object') return part;
    if (part._bsontype) return `<${part._bsontype} ${EJSON.stringify(part, { relaxed: false })}>`;
    if (part instanceof Date) return `<Date ${part.getTime()}>`;
    if (part instanceof RegExp) return `<RegExp ${part}>`;
    if (ArrayBuffer.isView(part)) return `<${part.constructor.name} ${Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('hex')}>`;
    if (seen.has(part)) return '<again>';
    seen.add(part);
    if (part instanceof Set) return ['<Set>', ...Array.from(part, describe).sort()];
    if (part instanceof Map) return ['<Map>', ...Array.from(part, describe)];
    if (Array.isArray(part)) return part.map(describe);
    if (part instanceof Error) return describeError(part);
    // A handle, not data.
    if (typeof part.namespace === 'string' && part.client) return `<${part.constructor.name} ${describe(part.namespace)}>`;
    return [`<${part.constructor?.name ?? 'no prototype'}>`, ...describeMembers(part)];
  }

  function describeMembers(object) {
    return Object.entries(object).map(([key, member]) => [key, TIMES.has(key) ? '<time>' : describe(member)]);
  }

  function describeError(error) {
    const members = describeMembers(error).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      classes: ancestors(error),
      name: error.name,
      message: describe(error.message),
      errmsg: describe(error.errmsg),
      labels: error.errorLabels,
      members
    };
  }

  return describe(value);
}

function ancestors(error) {
  const names = [];
  for (let proto = Object.getPrototypeOf(error); proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    names.push(proto.constructor.name);
  }
  return names;
}

module.exports = { describeValue };
