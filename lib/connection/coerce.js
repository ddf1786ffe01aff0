'use strict';

/** Values of options, read and refused as the Node driver does. */

const { MongoParseError } = require('../errors/client');

/** An object that is no class instance, with the given keys. */
function isRecord(value, keys = []) {
  if (Object.prototype.toString.call(value) !== '[object Object]') return false;
  const { prototype } = value.constructor ?? {};
  if (prototype && !Object.hasOwn(prototype, 'isPrototypeOf')) return false;
  return keys.every((key) => Object.hasOwn(value, key));
}

function toBoolean(name, value) {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new MongoParseError(`${name} must be either "true" or "false"`);
}

function toInt(name, value) {
  const number = typeof value === 'number' ? Math.trunc(value) : Number.parseInt(String(value), 10);
  if (!Number.isFinite(number)) {
    throw new MongoParseError(`Expected ${name} to be stringified int value, got: ${value}`);
  }
  return number;
}

/** Beyond it counts and times mean the same: without end. Timers of Node know no more milliseconds either. */
const LONGEST = 2 ** 31 - 1;

function toUint(name, value) {
  const number = toInt(name, value);
  if (number < 0) throw new MongoParseError(`${name} can only be a positive int value, got: ${value}`);
  return Math.min(number, LONGEST);
}

function toRecord(name, value) {
  if (!isRecord(value)) throw new MongoParseError(`${name} must be an object`);
  return value;
}

/** The pairs of `a:1,b:2`. */
function pairs(text) {
  if (text === '') return [];
  return text.split(',').map((pair) => {
    const [key, value] = pair.split(/:(.*)/);
    if (value === undefined) throw new MongoParseError('Cannot have undefined values in key value pairs');
    return [key, value];
  });
}

const BY_TYPE = { boolean: toBoolean, uint: toUint, string: (name, value) => String(value), record: toRecord };

/**
 * @param {string} name of an option, for the error
 * @param {*} value
 * @param {string} type of the option in `table.js`: `boolean`, `uint`, `string` or `record`
 * @returns {*} the value as the option takes it
 * @throws {MongoParseError}
 */
function cast(name, value, type) {
  return BY_TYPE[type](name, value);
}

module.exports = { LONGEST, cast, isRecord, pairs, toBoolean, toInt, toUint };
