'use strict';

const { inspect, types } = require('util');
const { TWO_WEEKS_MS } = require('../session/expiry');
const { MAX_MINUTES, MODES } = require('./auto-remove');
const { CastError, ValidatorError, unreadable } = require('./errors');
const { noteDefaultAddress } = require('./default-address');
const { checkFields } = require('./fields');
const { READ_PREFERENCES } = require('./read-preference');
const { forMessage, hideSecrets } = require('./shown');
const { castCount, castLifetime, checkUsers } = require('./users');
const { lazy } = require('../../lazy');

const crypto = lazy(() => require('./crypto'));

/** Half a character, which no encoding knows; the end of a name, for MongoDB. */
const NOT_TEXT = /[\ud800-\udfff\0]/u;
/** No option of a connection is as deep. */
const MAX_DEPTH = 20;

/** How a member that is undefined is stored. */
const UNDEFINED_AS = ['null', 'absent'];

/** Every option: how it is cast, and its default. */
const OPTIONS = {
  uri: { cast: toString, fallback: 'mongodb://127.0.0.1:27017/test' },
  collection: { cast: toString, fallback: 'sessions' },
  connectionOptions: { cast: toObject, fallback: undefined },
  expires: { cast: toLifetime, fallback: TWO_WEEKS_MS },
  idField: { cast: toField, fallback: '_id' },
  databaseName: { cast: toString, fallback: null },
  expiresKey: { cast: toField, fallback: 'expires' },
  expiresAfterSeconds: { cast: toNumber, fallback: 0 },
  client: { cast: toClient },
  batching: { cast: toBoolean },
  autoRemove: { cast: oneOf(MODES) },
  autoRemoveInterval: { cast: toMinutes },
  createIndexes: { cast: toBoolean },
  degrade: { cast: toBoolean },
  readPreference: { cast: oneOf(READ_PREFERENCES) },
  timestamps: { cast: toBoolean },
  user: { cast: toFunction },
  userField: { cast: toField },
  maxSessionsPerUser: { cast: castCount },
  maxLifetime: { cast: castLifetime },
  undefinedAs: { cast: oneOf(UNDEFINED_AS) },
  touchAfter: { cast: toSeconds },
  partialUpdates: { cast: toBoolean },
  preventResurrection: { cast: toBoolean },
  crypto: { cast: (value) => crypto().castCrypto(value) },
  hashIds: { cast: toBoolean },
  transformId: { cast: toFunction },
  serialize: { cast: toFunction },
  unserialize: { cast: toFunction },
  watch: { cast: toBoolean }
};

function refuse(value, type) {
  throw new ValidatorError(`Could not cast "${inspect(forMessage(value))}" to ${type}`);
}

function isPlainObject(value) {
  if (typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype.constructor?.name === 'Object';
}

function toString(value) {
  if (isPlainObject(value)) refuse(value, 'string');
  const text = String(value);
  if (NOT_TEXT.test(text)) throw new ValidatorError('must be well-formed text without null bytes');
  return text;
}

/** A field of documents, or a path to one. As an operator, `$where` say, MongoDB would run a session id as code. */
function toField(value) {
  const path = toString(value);
  if (path.split('.').every((name) => name !== '' && !name.startsWith('$'))) return path;
  throw new ValidatorError(`must name a field, or be a path such as 'meta.sid', without '$' at the start; got ${inspect(path.slice(0, 40))}`);
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

/** Milliseconds, or what gives them for each session. */
function toLifetime(value) {
  return typeof value === 'function' ? value : toNumber(value);
}

/** Infinity stands for never. */
function toSeconds(value) {
  if (value === Infinity) return value;
  const number = toNumber(value);
  if (number < 0) refuse(value, 'a number of seconds, 0 or more');
  return number;
}

/** The application's own: never copied, and found out about when the store is opened. */
function toClient(value) {
  return value;
}

function toBoolean(value) {
  if (typeof value !== 'boolean') refuse(value, 'boolean');
  return value;
}

function toFunction(value) {
  if (typeof value === 'function') return value;
  throw new ValidatorError(`must be a function; got ${inspect(forMessage(value), { depth: 0, maxStringLength: 40 })}`);
}

function oneOf(accepted) {
  return (value) => {
    if (accepted.includes(value)) return value;
    const shown = inspect(forMessage(value), { depth: 0, maxStringLength: 40 });
    throw new ValidatorError(`must be ${accepted.map((one) => `'${one}'`).join(', ')}; got ${shown}`);
  };
}

function toMinutes(value) {
  const minutes = toNumber(value);
  if (minutes > 0 && minutes <= MAX_MINUTES) return minutes;
  throw new ValidatorError(`must be minutes, more than 0 and at most ${MAX_MINUTES}; got ${minutes}`);
}

function toObject(value) {
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ValidatorError(`Could not cast ${inspect(forMessage(value))} to Object`);
  }
  return types.isDate(value) ? {} : copyPlain({ ...value });
}

/** Copies plain objects and arrays to the bottom; whatever else (Buffers, functions) is kept. */
function copyPlain(value, depth = 0) {
  if (depth > MAX_DEPTH) throw new ValidatorError(`must not refer to itself, or be nested more than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(value)) return Array.from(value, (item) => copyPlain(item, depth + 1));
  if (value === null || !isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyPlain(inner, depth + 1)]));
}

/**
 * Copies and casts a store's options, and fills in defaults.
 *
 * @param {object} given
 * @returns {object} every option, by name
 * @throws {CastError} naming every option that cannot be cast
 * @throws {TypeError} when it is no object, or when fields of the stored document would overwrite each other
 */
function castOptions(given) {
  const options = {};
  const errors = {};
  if (typeof given !== 'object') {
    throw new TypeError(`MongoDBStore takes an object of options, such as { uri, collection }; got a ${typeof given}`);
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(OPTIONS, name)) continue;
    try {
      const value = given[name];
      if (value !== undefined && value !== null) options[name] = OPTIONS[name].cast(value);
    } catch (error) {
      errors[name] = error instanceof ValidatorError ? error : unreadable(error);
    }
  }
  for (const [name, option] of Object.entries(OPTIONS)) {
    // Options that the original does not have show up only where they are given.
    if ('fallback' in option && !(name in options)) options[name] = option.fallback;
  }
  if (Object.keys(errors).length > 0) throw new CastError(errors);
  const { idField, expiresKey } = options;
  if (idField === expiresKey || idField === 'session' || expiresKey === 'session') {
    throw new TypeError(
      `idField ("${idField}") and expiresKey ("${expiresKey}") must name two different fields, other than "session"`
    );
  }
  if (options.crypto !== undefined) crypto().checkWithOthers(options);
  checkUsers(options);
  checkFields(options);
  if (options.client !== undefined && (given.uri !== undefined || given.connectionOptions !== undefined)) {
    throw new TypeError('the options client and uri (or connectionOptions) exclude each other: a client has its own address and options');
  }
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown.length > 0) require('./unknown').warnAboutUnknown(unknown, Object.keys(OPTIONS), options.crypto !== undefined);
  if (options.client === undefined) noteDefaultAddress(options, given, unknown);
  hideSecrets(options);
  if (options.crypto !== undefined) crypto().hideSecret(options.crypto);
  return options;
}

module.exports = { castOptions, CastError, ValidatorError };
