'use strict';

/**
 * Values of options, read and refused as the Node driver does; stricter only where it would take a
 * value for another one (`10s` for 10) or for nothing (`NaN`).
 */

const { MongoParseError } = require('../errors');

/** Counts are 32 bits wide in the native half; times are exact as far as JavaScript numbers are. */
const MAX_COUNT = 2 ** 32 - 1;
const MAX_MS = Number.MAX_SAFE_INTEGER;

const WHOLE = /^\s*[+-]?\d+(\.\d*)?\s*$/;

/** A value for a message, whatever it is. */
function shown(value) {
  try {
    return `${value}`;
  } catch {
    return typeof value;
  }
}

/** As {@link shown}, but with the contents of objects. */
function asJson(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return typeof value;
  }
}

/** An object that is no class instance, with the given keys. */
function isRecord(value, keys = []) {
  if (Object.prototype.toString.call(value) !== '[object Object]') return false;
  const { prototype } = value.constructor ?? {};
  if (prototype && !Object.hasOwn(prototype, 'isPrototypeOf')) return false;
  return keys.every((key) => Object.prototype.propertyIsEnumerable.call(value, key));
}

/** A record, or an instance of a driver's class of that shape. */
function isShaped(value, key) {
  return isRecord(value, [key]) || (typeof value === 'object' && value !== null && value[key] !== undefined);
}

/** Refuses what a record has beside `keys`; instances of classes may have more. */
function checkKeys(name, value, keys) {
  const unknown = isRecord(value) ? Object.keys(value).find((key) => !keys.includes(key) && value[key] != null) : undefined;
  if (unknown !== undefined) {
    throw new MongoParseError(`option ${name}.${unknown} is not supported; ${name} takes ${keys.join(', ')}`);
  }
}

function toBoolean(name, value) {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new MongoParseError(`${name} must be either "true" or "false"`);
}

function toInt(name, value) {
  const text = shown(value);
  const exact = typeof value === 'number' ? value : WHOLE.test(text) ? Number(text) : NaN;
  const whole = Math.trunc(exact) + 0;
  // 0 often means "no limit": nothing that is not 0 becomes it.
  if (!Number.isFinite(whole) || (whole === 0 && exact !== 0)) {
    throw new MongoParseError(`Expected ${name} to be stringified int value, got: ${text}`);
  }
  return whole;
}

/**
 * @param {string} name
 * @param {*} value a number or its text; fractions are cut off
 * @param {number} [max]
 * @returns {number}
 */
function toUint(name, value, max = MAX_COUNT) {
  const number = toInt(name, value);
  if (number < 0) throw new MongoParseError(`${name} can only be a positive int value, got: ${shown(value)}`);
  if (number > max) throw new MongoParseError(`${name} can be at most ${max}, got: ${shown(value)}`);
  return number;
}

function toMs(name, value) {
  return toUint(name, value, MAX_MS);
}

function toText(name, value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new MongoParseError(`${name} must be a string, got: ${typeof value}`);
}

/** Of passwords the value is not even converted: the driver fails on other types when it connects. */
function toSecret(name, value) {
  if (typeof value === 'string') return value;
  throw new MongoParseError(`${name} must be a string, got: ${typeof value}`);
}

function toRecord(name, value) {
  if (!isRecord(value)) throw new MongoParseError(`${name} must be an object`);
  return value;
}

/** The pairs of `a:1,b:2`. */
function pairs(text) {
  if (text === '') return [];
  return text.split(',').map((pair) => {
    const [key, value] = pair.split(/:(.*)/s);
    if (value === undefined) throw new MongoParseError('Cannot have undefined values in key value pairs');
    return [key, value];
  });
}

/** How the types of the table are read. */
const READERS = {
  any: (name, value) => value,
  boolean: toBoolean,
  int: toInt,
  ms: toMs,
  record: toRecord,
  string: toText,
  uint: toUint
};

module.exports = {
  MAX_COUNT, READERS, asJson, checkKeys, isRecord, isShaped, pairs, shown, toBoolean, toInt, toMs, toRecord, toSecret, toText, toUint
};
