'use strict';

/** The statements that write commands are made of, and the checks that come before sending them. */

const { MongoInvalidArgumentError } = require('../errors');
const { formatSort } = require('./sort');

/**
 * One statement of an `update` command.
 *
 * @param {object} filter
 * @param {object|object[]} update
 * @param {{multi: boolean, upsert?: boolean, hint?: string|object, arrayFilters?: object[],
 *   collation?: object, sort?: *}} options
 * @returns {object}
 * @throws {MongoInvalidArgumentError}
 */
function updateStatement(filter, update, options) {
  if (filter == null || typeof filter !== 'object') {
    throw new MongoInvalidArgumentError('Selector must be a valid JavaScript object');
  }
  if (update == null || typeof update !== 'object') {
    throw new MongoInvalidArgumentError('Document must be a valid JavaScript object');
  }
  const statement = { q: filter, u: update };
  if (typeof options.upsert === 'boolean') statement.upsert = options.upsert;
  if (options.multi) statement.multi = options.multi;
  if (options.hint) statement.hint = options.hint;
  if (options.arrayFilters) statement.arrayFilters = options.arrayFilters;
  if (options.collation) statement.collation = options.collation;
  if (!options.multi && options.sort != null) statement.sort = formatSort(options.sort);
  return statement;
}

/**
 * One statement of a `delete` command.
 *
 * @param {object} filter
 * @param {{limit: 0|1, collation?: object, hint?: string|object}} options
 * @returns {object}
 */
function deleteStatement(filter, { limit, collation, hint }) {
  const statement = { q: filter, limit };
  if (collation) statement.collation = collation;
  if (hint) statement.hint = hint;
  return statement;
}

/**
 * @param {object|object[]} update a document, or a pipeline, of which one stage is enough
 * @param {{ignoreUndefined?: boolean}} [options]
 * @returns {boolean}
 * @throws {MongoInvalidArgumentError} when nothing would be left of it
 */
function hasAtomicOperators(update, options) {
  if (Array.isArray(update)) return update.some((stage) => hasAtomicOperators(stage));
  const keys = Object.keys(update);
  if (options?.ignoreUndefined && keys.every((key) => update[key] === undefined)) {
    throw new MongoInvalidArgumentError(
      'Update operations require that all atomic operators have defined values, but none were provided.'
    );
  }
  return keys.length > 0 && keys[0][0] === '$';
}

/** @throws {MongoInvalidArgumentError} */
function requireAtomicOperators(update, options) {
  if (!hasAtomicOperators(update, options)) {
    throw new MongoInvalidArgumentError('Update document requires atomic operators');
  }
}

/** @throws {MongoInvalidArgumentError} */
function refuseAtomicOperators(replacement) {
  if (hasAtomicOperators(replacement)) {
    throw new MongoInvalidArgumentError('Replacement document must not contain atomic operators');
  }
}

module.exports = {
  deleteStatement,
  refuseAtomicOperators,
  requireAtomicOperators,
  updateStatement
};
