'use strict';

/** What a call's own options and its parents' say together. */

const { MongoInvalidArgumentError } = require('../errors');
const { ReadConcern, WriteConcern } = require('./concerns');
const { ReadPreference } = require('./read-preference');

/**
 * Resolves an operation's options: what it does not say itself comes from the collection, database
 * or client it runs on.
 *
 * @param {undefined|{readConcern?: ReadConcern, writeConcern?: WriteConcern,
 *   readPreference?: ReadPreference, ignoreUndefined?: boolean}} parent undefined to inherit nothing
 * @param {object} [options] as the caller gave them; not changed
 * @returns {object}
 * @throws {MongoInvalidArgumentError}
 */
function resolveOptions(parent, options) {
  checkTimeout(options?.timeoutMS);
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

function checkTimeout(timeoutMS) {
  if (timeoutMS === undefined || timeoutMS === null || (typeof timeoutMS === 'number' && timeoutMS >= 0)) return;
  throw new MongoInvalidArgumentError(
    `timeoutMS must be a number of milliseconds, 0 or more; got ${typeof timeoutMS} ${String(timeoutMS)}`
  );
}

module.exports = { resolveOptions };
