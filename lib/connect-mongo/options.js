'use strict';

/** connect-mongo's options: what each is for the store, and what `store.options` shows. */

const { inspect, types } = require('util');
const { castOptions } = require('../store/options');
const { castCrypto, hideSecret } = require('../store/options/crypto');
const { CastError, ValidatorError } = require('../store/options/errors');
const { shownConnectionOptions, shownUri } = require('../store/options/shown');
const { numberOrKindOf } = require('../store/values');
const { warnOnce } = require('../store/warnings');
const { KrupteinAdapter } = require('./kruptein-adapter');

const TWO_WEEKS_S = 14 * 24 * 60 * 60;
const HIDDEN = '…';

const DEFAULTS = {
  collectionName: 'sessions', ttl: TWO_WEEKS_S, mongoOptions: {}, autoRemove: 'native', autoRemoveInterval: 10, touchAfter: 0,
  stringify: true, timestamps: false, crypto: undefined, cryptoAdapter: null
};
const OTHERS = [
  'mongoUrl', 'client', 'clientPromise', 'dbName', 'createAutoRemoveIdx', 'serialize', 'unserialize', 'transformId', 'writeOperationOptions'
];
const KNOWN = new Set([...Object.keys(DEFAULTS), ...OTHERS]);

/** What the store calls an option of connect-mongo, where that is something else. */
const NAMES = { uri: 'mongoUrl', connectionOptions: 'mongoOptions', databaseName: 'dbName', collection: 'collectionName', expires: 'ttl' };

/**
 * @param {object} given as connect-mongo 4 to 6 take them
 * @returns {object} the options of the store, cast; beside them `touchAfterModified` (seconds), `cryptoAdapter`,
 *   `writeConcern` and `anySession`
 * @throws {CastError} naming what cannot be used, by connect-mongo's names
 * @throws {Error} without a server or client, or with both kinds of encryption
 */
function storeOptions(given) {
  const options = withDefaults(given);
  if (!options.mongoUrl && !options.clientPromise && !options.client) {
    throw new Error('Cannot init client. You must provide either mongoUrl|clientPromise|client in options');
  }
  if (given.crypto && given.cryptoAdapter) throw new Error('Provide either the legacy crypto option or cryptoAdapter, not both');
  warnAboutOthers(given);
  const cast = withOurNames(() => castOptions({ ...place(options), ...form(options), ...common(options) }));
  return Object.assign(cast, encryption(options), {
    touchAfterModified: options.touchAfter * 1000,
    writeConcern: options.mongoUrl ? undefined : options.writeOperationOptions,
    anySession: hasOwnForm(options)
  });
}

/** An option that is undefined has its default, as in connect-mongo; null is not undefined there, but it is here. */
function withDefaults(given) {
  const options = { ...DEFAULTS };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value !== null) options[name] = value;
  }
  options.ttl = seconds('ttl', options.ttl);
  options.touchAfter = seconds('touchAfter', options.touchAfter);
  checkKinds(options);
  return options;
}

function seconds(name, value) {
  const number = typeof value === 'symbol' || String(value).trim() === '' ? NaN : Number(value);
  if (Number.isFinite(number) && number >= 0) return number;
  throw refusal(name, `must be a number of seconds, 0 or more; got ${numberOrKindOf(value)}`);
}

function checkKinds({ stringify, timestamps, mongoOptions, crypto, cryptoAdapter, writeOperationOptions }) {
  for (const [name, value] of Object.entries({ stringify, timestamps })) {
    if (typeof value !== 'boolean') throw refusal(name, `must be a boolean; got ${numberOrKindOf(value)}`);
  }
  if (cryptoAdapter !== null && (typeof cryptoAdapter.encrypt !== 'function' || typeof cryptoAdapter.decrypt !== 'function')) {
    throw refusal('cryptoAdapter', `must be an object with the functions encrypt and decrypt; got ${numberOrKindOf(cryptoAdapter)}`);
  }
  for (const [name, value] of Object.entries({ mongoOptions, crypto })) {
    if (value !== undefined && (typeof value !== 'object' || Array.isArray(value))) throw refusal(name, `must be an object; got ${numberOrKindOf(value)}`);
  }
  if (writeOperationOptions !== undefined && typeof writeOperationOptions !== 'object') {
    throw refusal('writeOperationOptions', `must be an object such as { w: 'majority' }; got ${numberOrKindOf(writeOperationOptions)}`);
  }
}

function refusal(name, message) {
  return new CastError({ [name]: new ValidatorError(message) });
}

/** Not the value: it may be a secret. */
function warnAboutOthers(given) {
  if (given.createAutoRemoveIdx !== undefined && given.createAutoRemoveIdx !== null) {
    warn('createAutoRemoveIdx', 'The option `createAutoRemoveIdx` of MongoStore has no effect: see `autoRemove` and `autoRemoveInterval`');
  }
  for (const name of Object.keys(given)) {
    if (!KNOWN.has(name)) warn(name, `The option \`${name}\` of MongoStore is unknown and has no effect`);
  }
}

function warn(name, message) {
  warnOnce('MONGODB_STORE_UNKNOWN_OPTION', message, `MongoStore ${name}`);
}

/** Where the sessions are. */
function place({ mongoUrl, mongoOptions, client, clientPromise, dbName, collectionName, writeOperationOptions }) {
  const names = { databaseName: dbName, collection: collectionName };
  if (!mongoUrl) return { ...names, client: clientPromise ?? client };
  const writeConcern = writeOperationOptions && { writeConcern: writeOperationOptions };
  return { ...names, uri: mongoUrl, connectionOptions: { ...mongoOptions, ...writeConcern } };
}

/** How a session is stored: as JSON text, if nothing else is said. Text and documents are both read. */
function form(options) {
  const { serialize, unserialize = same, stringify } = options;
  if (hasOwnForm(options)) return { serialize, unserialize };
  return stringify ? { serialize: (session) => JSON.stringify(session) } : {};
}

function hasOwnForm({ serialize, unserialize }) {
  return serialize !== undefined || unserialize !== undefined;
}

function same(value) {
  return value;
}

function common({ ttl, autoRemove, autoRemoveInterval, transformId, timestamps }) {
  return { expires: ttl * 1000, autoRemove, autoRemoveInterval, transformId, timestamps };
}

function encryption({ crypto, cryptoAdapter }) {
  if (cryptoAdapter instanceof KrupteinAdapter) return { crypto: castSecret(cryptoAdapter.crypto) };
  if (cryptoAdapter !== null) return { cryptoAdapter };
  if (crypto === undefined || crypto.secret === false) return {};
  return { crypto: castSecret(crypto) };
}

/**
 * The secret encrypts in this package's format, and what connect-mongo encrypted with it is read. It may be of any length:
 * whoever has chosen a short one cannot change it now.
 */
function castSecret({ secret, ...format }) {
  try {
    checkFormat(format);
    const cast = castCrypto({ secret, connectMongo: secret }, { minPassphrase: 1 });
    hideSecret(cast);
    return cast;
  } catch (error) {
    throw new CastError({ crypto: error });
  }
}

/** Of connect-mongo's formats those are read that its defaults make, with any hash and text; others must not be lost unseen. */
const READ = {
  algorithm: ['aes-256-gcm'], hashing: ['sha256', 'sha384', 'sha512'], encodeas: ['base64', 'base64url', 'hex'], key_size: [32],
  iv_size: [12, 16], at_size: [16]
};

function checkFormat(format) {
  for (const [name, value] of Object.entries(format)) {
    if (value === undefined || value === null) continue;
    if (!Object.hasOwn(READ, name)) throw new ValidatorError(`has no \`${name}\`; it takes secret, ${Object.keys(READ).join(', ')}`);
    if (READ[name].includes(value)) continue;
    const got = ['string', 'number'].includes(typeof value) ? inspect(value) : numberOrKindOf(value);
    throw new ValidatorError(`${name} must be ${READ[name].map((one) => inspect(one)).join(', ')}: others of connect-mongo are not read here; got ${got}`);
  }
}

/** Errors name options as the application did. */
function withOurNames(cast) {
  try {
    return cast();
  } catch (error) {
    if (!(error instanceof CastError)) throw error;
    throw new CastError(Object.fromEntries(Object.entries(error.errors).map(([name, each]) => [NAMES[name] ?? name, each])));
  }
}

/**
 * @param {object} given
 * @returns {object} `store.options`: as given, with defaults; an inspection of it shows no secrets
 */
function shownOptions(given) {
  const options = { ...DEFAULTS };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) options[name] = value;
  return Object.defineProperty(options, inspect.custom, { value: withoutSecrets });
}

function withoutSecrets() {
  const shown = { ...this };
  if (typeof shown.mongoUrl === 'string') shown.mongoUrl = shownUri(shown.mongoUrl);
  if (isObject(shown.mongoOptions)) shown.mongoOptions = shownConnectionOptions.call(shown.mongoOptions);
  if (isObject(shown.crypto)) shown.crypto = { ...shown.crypto, secret: HIDDEN };
  for (const name of ['client', 'clientPromise', 'cryptoAdapter']) if (isObject(shown[name])) shown[name] = HIDDEN;
  return shown;
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !types.isDate(value);
}

module.exports = { shownOptions, storeOptions };
