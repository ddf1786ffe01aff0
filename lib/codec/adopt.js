'use strict';

/**
 * BSON values made by another copy or major version of the `bson` package, as values of the one that
 * serializes. An application may have several, and puts the ids of any of them into sessions.
 */

const { types } = require('util');
const { VERSION, bson } = require('./bson');

/** How to make ours of each type. Versions 1 to 7 agree on what is used here, but for names. */
const conversions = {
  ObjectId: ({ ObjectId }, value) => new ObjectId(value.toHexString()),
  Long: ({ Long }, value) => new Long(value.getLowBits(), value.getHighBits()),
  Timestamp: ({ Long, Timestamp }, value) => new Timestamp(new Long(value.getLowBits(), value.getHighBits(), true)),
  Double: ({ Double }, value) => new Double(value.value),
  Int32: ({ Int32 }, value) => new Int32(value.value),
  Decimal128: ({ Decimal128 }, value) => new Decimal128(Buffer.from(value.bytes)),
  Binary: ({ Binary }, value) => new Binary(Buffer.from(value.buffer.subarray(0, value.position)), value.sub_type),
  UUID: ({ Binary }, value) => new Binary(Buffer.from(value.id), Binary.SUBTYPE_UUID),
  Code: ({ Code }, value, path) => new Code(value.code, value.scope && adoptValue(value.scope, path)),
  BSONSymbol: ({ BSONSymbol }, value) => new BSONSymbol(value.value),
  BSONRegExp: ({ BSONRegExp }, value) => new BSONRegExp(value.pattern, value.options),
  DBRef: ({ DBRef }, value, path) => new DBRef(
    value.collection ?? value.namespace, adoptValue(value.oid, path), value.db, value.fields && adoptValue(value.fields, path)
  ),
  MinKey: ({ MinKey }) => new MinKey(),
  MaxKey: ({ MaxKey }) => new MaxKey()
};
conversions.ObjectID = conversions.ObjectId;
conversions.Symbol = conversions.BSONSymbol;
Object.setPrototypeOf(conversions, null);

/**
 * The document with every foreign BSON value replaced by one of the `bson` package in use.
 *
 * @param {object} document left as it is
 * @returns {object} the document itself when there is nothing to replace
 * @throws {Error} `BSONError` when it is circular; what a `toBSON` or a getter in it throws
 */
function adopt(document) {
  if (typeof document !== 'object' || document === null || Array.isArray(document) || document._bsontype != null) return document;
  return adoptMembers(document, new Set());
}

function adoptValue(given, path) {
  let value = given;
  if (typeof value?.toBSON === 'function') value = value.toBSON();
  if (typeof value !== 'object' || value === null) return given;
  if (value._bsontype != null) {
    const adopted = adoptBsonValue(value, path);
    return adopted === value ? given : adopted;
  }
  if (types.isDate(value) || types.isRegExp(value) || types.isUint8Array(value)) return given;
  const adopted = adoptMembers(value, path);
  return adopted === value ? given : adopted;
}

function adoptBsonValue(value, path) {
  const convert = conversions[value._bsontype];
  if (convert === undefined || !isInstance(value) || (isOurs(value) && !mayHoldOthers(value))) return value;
  try {
    return convert(bson().package, value, path);
  } catch {
    // Not what it says it is: the `bson` package refuses it in its own words.
    return value;
  }
}

/** Data that merely has a `_bsontype`, parsed from a request for instance, never becomes a BSON value. */
function isInstance(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return false;
  // Version 1 has it in the instances, where an application may have copied data into as well.
  return !Object.hasOwn(value, '_bsontype') || prototype.constructor?.name === value._bsontype;
}

function isOurs(value) {
  const { package: { ObjectId }, major } = bson();
  // Ids of the first releases of version 6 cannot be serialized by the later ones.
  const serializes = value._bsontype !== 'ObjectId' || typeof value.serializeInto === typeof ObjectId.prototype.serializeInto;
  return value[VERSION] === major && serializes;
}

function mayHoldOthers(value) {
  return value._bsontype === 'DBRef' || value._bsontype === 'Code';
}

function adoptMembers(value, path) {
  if (path.has(value)) {
    const { BSONError } = bson().package;
    throw new BSONError('Cannot convert circular structure to BSON');
  }
  path.add(value);
  const adopted = copyOf(value, path);
  path.delete(value);
  return adopted;
}

function copyOf(value, path) {
  if (Array.isArray(value)) return adoptArray(value, path);
  if (types.isMap(value)) return adoptMap(value, path);
  return adoptObject(value, path);
}

function adoptArray(array, path) {
  const copy = new Array(array.length);
  let changed = false;
  for (let i = 0; i < array.length; i++) {
    const value = array[i];
    copy[i] = adoptValue(value, path);
    changed ||= !Object.is(copy[i], value);
  }
  return changed ? copy : array;
}

function adoptMap(map, path) {
  const copy = new Map();
  let changed = false;
  for (const [key, value] of map) {
    const adopted = adoptValue(value, path);
    copy.set(key, adopted);
    changed ||= !Object.is(adopted, value);
  }
  return changed ? copy : map;
}

function adoptObject(object, path) {
  const source = typeof object.toBSON === 'function' ? object.toBSON() : object;
  if (typeof source !== 'object' || source === null) return object;
  const copy = {};
  let changed = false;
  for (const key of Object.keys(source)) {
    const value = source[key];
    const adopted = adoptValue(value, path);
    changed ||= !Object.is(adopted, value);
    // A copied `toBSON` would be called again.
    if (typeof adopted === 'function') continue;
    Object.defineProperty(copy, key, { value: adopted, enumerable: true, writable: true, configurable: true });
  }
  return changed ? copy : object;
}

module.exports = { adopt, isInstance };
