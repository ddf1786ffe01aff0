'use strict';

/** What a call's own options and its parents' say together. */

const { MongoInvalidArgumentError } = require('../errors');
const { ReadConcern, WriteConcern } = require('./concerns');
const { ReadPreference } = require('./read-preference');
const { unsupportedError } = require('./unsupported');

/** Options that change how BSON is read or written, with the only value there is here. */
const BSON_OPTIONS = {
  raw: false,
  useBigInt64: false,
  promoteLongs: true,
  promoteValues: true,
  promoteBuffers: false,
  bsonRegExp: false,
  serializeFunctions: false,
  checkKeys: false,
  rawData: false
};

/**
 * Resolves an operation's options: what it does not say itself comes from the collection, database
 * or client it runs on.
 *
 * @param {undefined|{readConcern?: ReadConcern, writeConcern?: WriteConcern,
 *   readPreference?: ReadPreference, ignoreUndefined?: boolean}} parent undefined to inherit nothing
 * @param {object} [options] as the caller gave them; not changed
 * @returns {object}
 * @throws {MongoCompatibilityError|MongoInvalidArgumentError} for what this facade cannot do
 */
function resolveOptions(parent, options) {
  refuseUnsupported(options);
  const result = { ...options };
  const readConcern = ReadConcern.fromOptions(options) ?? parent?.readConcern;
  if (readConcern) result.readConcern = readConcern;
  const writeConcern = WriteConcern.fromOptions(options) ?? parent?.writeConcern;
  if (writeConcern) result.writeConcern = writeConcern;
  const readPreference = ReadPreference.fromOptions(options) ?? parent?.readPreference;
  if (readPreference) result.readPreference = readPreference;
  result.ignoreUndefined = options?.ignoreUndefined ?? parent?.ignoreUndefined ?? false;
  return result;
}

function refuseUnsupported(options) {
  if (options == null) return;
  if (options.session != null) throw unsupportedError("The option 'session'");
  if (options.encryptedFields != null) throw unsupportedError("The option 'encryptedFields'");
  if (options.tailable === true) throw unsupportedError("The option 'tailable'");
  for (const name in BSON_OPTIONS) {
    const value = options[name];
    if (value != null && value !== BSON_OPTIONS[name]) throw unsupportedError(`The option '${name}: ${value}'`);
  }
  if (options.fieldsAsRaw != null && Object.keys(options.fieldsAsRaw).length > 0) {
    throw unsupportedError("The option 'fieldsAsRaw'");
  }
  const { timeoutMS } = options;
  if (timeoutMS != null && !(typeof timeoutMS === 'number' && timeoutMS >= 0)) {
    throw new MongoInvalidArgumentError(
      `timeoutMS must be a number of milliseconds, 0 or more; got ${typeof timeoutMS} ${String(timeoutMS)}`
    );
  }
}

module.exports = { resolveOptions };
