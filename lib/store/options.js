'use strict';

const { inspect, types } = require('util');
const { warnAboutUnknown } = require('./unknown-options');

const TWO_WEEKS_MS = 1000 * 60 * 60 * 24 * 14;

/** Every option: how it is cast, and its default. */
const OPTIONS = {
  uri: { cast: toString, fallback: 'mongodb://127.0.0.1:27017/test' },
  collection: { cast: toString, fallback: 'sessions' },
  connectionOptions: { cast: toObject, fallback: undefined },
  expires: { cast: toNumber, fallback: TWO_WEEKS_MS },
  idField: { cast: toString, fallback: '_id' },
  databaseName: { cast: toString, fallback: null },
  expiresKey: { cast: toString, fallback: 'expires' },
  expiresAfterSeconds: { cast: toNumber, fallback: 0 },
  batching: { cast: toBoolean, fallback: true }
};

/** One option that cannot be cast. */
class ValidatorError extends Error {}
ValidatorError.prototype.name = 'ValidatorError';

/** All options that cannot be cast. */
class CastError extends Error {
  /** @param {Object<string, Error>} errors by option */
  constructor(errors) {
    super(Object.keys(errors).map((name) => `${name}: ${errors[name].message}`).join(', '));
    this.errors = errors;
  }
}
CastError.prototype.name = 'CastError';

function refuse(value, type) {
  throw new ValidatorError(`Could not cast "${inspect(value)}" to ${type}`);
}

function isPlainObject(value) {
  if (typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype.constructor?.name === 'Object';
}

function toString(value) {
  if (typeof value === 'string') return value;
  if (isPlainObject(value)) refuse(value, 'string');
  return String(value);
}

function toNumber(value) {
  if (typeof value === 'symbol') throw new ValidatorError('Cannot convert a Symbol value to a number');
  if (isPlainObject(value)) refuse(value, 'number');
  const blank = typeof value !== 'number' && String(value).trim() === '';
  const number = blank ? NaN : Number(value);
  // An infinite time would make a date that MongoDB reads as 1970: every session gone at once.
  if (!Number.isFinite(number)) refuse(value, 'number');
  return number;
}

function toBoolean(value) {
  if (typeof value !== 'boolean') refuse(value, 'boolean');
  return value;
}

function toObject(value) {
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ValidatorError(`Could not cast ${inspect(value)} to Object`);
  }
  // Anything with content of its own kind (a Buffer, a String) shows it as unknown options.
  return types.isDate(value) ? {} : { ...value };
}

/**
 * Copies and casts a store's options, and fills in defaults.
 *
 * @param {object} given
 * @returns {object} every option, by name
 * @throws {CastError} naming every option that cannot be cast
 * @throws {TypeError} when fields of the stored document would overwrite each other
 */
function castOptions(given) {
  const options = {};
  const errors = {};
  for (const [name, { cast, fallback }] of Object.entries(OPTIONS)) {
    const value = given[name];
    try {
      options[name] = value === undefined || value === null ? fallback : cast(value);
    } catch (error) {
      errors[name] = error;
    }
  }
  if (Object.keys(errors).length > 0) throw new CastError(errors);
  const { idField, expiresKey } = options;
  if (idField === expiresKey || idField === 'session' || expiresKey === 'session') {
    throw new TypeError(
      `idField ("${idField}") and expiresKey ("${expiresKey}") must name two different fields, other than "session"`
    );
  }
  warnAboutUnknown(Object.keys(given).filter((name) => !(name in OPTIONS)));
  return options;
}

module.exports = { castOptions, CastError, ValidatorError };
