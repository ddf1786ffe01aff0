'use strict';

/**
 * The option `ignoreUndefined`: a copy in which members that are undefined are left out. Arrays keep
 * their length. What is not a plain object, an array or a Map is taken as it is.
 *
 * @param {*} value
 * @returns {*}
 */
function withoutUndefined(value) {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (value instanceof Map) {
    const defined = [...value].filter(([, member]) => member !== undefined);
    return new Map(defined.map(([key, member]) => [key, withoutUndefined(member)]));
  }
  if (value === null || typeof value !== 'object' || !isPlain(value)) return value;
  const copy = {};
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue;
    // As data: an assignment to __proto__ would set the copy's prototype.
    Object.defineProperty(copy, key, {
      value: withoutUndefined(value[key]),
      writable: true,
      enumerable: true,
      configurable: true
    });
  }
  return copy;
}

function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  return Object.prototype.toString.call(value) === '[object Object]' && !('_bsontype' in value) && !('toBSON' in value);
}

module.exports = { withoutUndefined };
