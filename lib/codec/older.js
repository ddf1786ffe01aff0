'use strict';

/**
 * Documents for applications whose driver has a `bson` older than version 5, which this package does not read with: the
 * same documents, with values of that one's classes.
 */

/** By type, in the classes' own order of arguments; versions 1 to 4 agree on them. */
const conversions = {
  ObjectId: (classes, value) => new (classes.ObjectId ?? classes.ObjectID)(Buffer.from(value.id)),
  Long: ({ Long }, value) => new Long(value.low, value.high, value.unsigned),
  Timestamp: ({ Timestamp }, value) => new Timestamp(value.low, value.high),
  Double: ({ Double }, value) => new Double(value.value),
  Int32: ({ Int32 }, value) => new Int32(value.value),
  Decimal128: ({ Decimal128 }, value) => new Decimal128(Buffer.from(value.bytes)),
  Binary: ({ Binary }, value) => new Binary(Buffer.from(value.buffer.subarray(0, value.position)), value.sub_type),
  Code: ({ Code }, value, convert) => new Code(value.code, value.scope && convert(value.scope)),
  BSONSymbol: (classes, value) => new (classes.BSONSymbol ?? classes.Symbol)(value.value),
  BSONRegExp: ({ BSONRegExp }, value) => new BSONRegExp(value.pattern, value.options),
  DBRef: ({ DBRef }, value, convert) => new DBRef(value.collection, convert(value.oid), value.db, convert(value.fields)),
  MinKey: ({ MinKey }) => new MinKey(),
  MaxKey: ({ MaxKey }) => new MaxKey()
};
Object.setPrototypeOf(conversions, null);

/**
 * @param {object} document of the `bson` package in use, which made it: changed in place
 * @param {object} classes of an older `bson` package
 * @returns {object} the document
 */
function inOlderClasses(document, classes) {
  const convert = (value) => {
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || Array.isArray(value)) return replaceMembers(value, convert);
    // Text of a document may say `_bsontype` as well, but never of a class instance.
    const make = conversions[value._bsontype];
    return make === undefined ? value : make(classes, value, convert);
  };
  return convert(document);
}

function replaceMembers(value, convert) {
  for (const key of Object.keys(value)) {
    const before = value[key];
    const after = convert(before);
    if (after !== before) Object.defineProperty(value, key, { value: after, enumerable: true, writable: true, configurable: true });
  }
  return value;
}

module.exports = { inOlderClasses };
