'use strict';

/** The `bson` package stores a BigInt of more than 64 bits as some other number; here it is refused. */

/**
 * @param {bigint} value
 * @throws {RangeError}
 */
function refuseTooLarge(value) {
  if (BigInt.asIntN(64, value) === value) return;
  throw new RangeError(`a BigInt of more than 64 bits cannot be stored in MongoDB; got ${value}n`);
}

/**
 * Refuses what holds such a number anywhere. Does not look into what `toBSON` gives.
 *
 * @param {*} value
 * @param {Set<object>} [seen]
 * @throws {RangeError}
 */
function refuseTooLargeInside(value, seen = new Set()) {
  if (typeof value === 'bigint') return refuseTooLarge(value);
  if (typeof value !== 'object' || value === null || typeof value.toBSON === 'function' || value._bsontype != null) return;
  if (ArrayBuffer.isView(value) || seen.has(value)) return;
  seen.add(value);
  const members = value instanceof Map ? value.values() : Object.values(value);
  for (const member of members) refuseTooLargeInside(member, seen);
}

module.exports = { refuseTooLarge, refuseTooLargeInside };
