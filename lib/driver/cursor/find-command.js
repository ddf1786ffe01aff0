'use strict';

const { MongoInvalidArgumentError } = require('../../errors');
const { normalizeHint } = require('../hint');
const { formatSort } = require('../sort');

/** Options that are taken over under their own name where they are of the type given. */
const BOOLEANS_BEFORE_CURSOR = ['returnKey', 'showRecordId', 'oplogReplay'];
const BOOLEANS_OF_CURSOR = ['allowPartialResults', 'allowDiskUse'];

/**
 * The `find` command.
 *
 * @param {Namespace} namespace
 * @param {object|ObjectId} filter
 * @param {object} options
 * @returns {object}
 * @throws {MongoInvalidArgumentError}
 */
function findCommand(namespace, filter, options) {
  if (typeof filter !== 'object' || Array.isArray(filter)) {
    throw new MongoInvalidArgumentError('Query filter must be a plain object or ObjectId');
  }
  const command = {
    find: namespace.collection,
    filter: filter?._bsontype === 'ObjectId' ? { _id: filter } : filter
  };
  if (options.sort) command.sort = formatSort(options.sort);
  if (options.projection) command.projection = projectionOf(options.projection);
  if (options.hint) command.hint = normalizeHint(options.hint);
  if (typeof options.skip === 'number') command.skip = options.skip;
  addLimits(command, options);
  if (typeof options.singleBatch === 'boolean') command.singleBatch = options.singleBatch;
  if (options.comment !== undefined) command.comment = options.comment;
  if (options.max) command.max = options.max;
  if (options.min) command.min = options.min;
  addBooleans(command, options, BOOLEANS_BEFORE_CURSOR);
  if (typeof options.timeout === 'boolean') command.noCursorTimeout = !options.timeout;
  else addBooleans(command, options, ['noCursorTimeout']);
  addBooleans(command, options, BOOLEANS_OF_CURSOR);
  if (options.let) command.let = options.let;
  return command;
}

function projectionOf(projection) {
  if (!Array.isArray(projection)) return projection;
  return projection.length > 0 ? Object.fromEntries(projection.map((field) => [field, 1])) : { _id: 1 };
}

/** The legacy meaning of negative numbers: one batch and no more. */
function addLimits(command, { limit, batchSize }) {
  if (typeof limit === 'number') {
    command.limit = Math.abs(limit);
    if (limit < 0) command.singleBatch = true;
  }
  if (typeof batchSize === 'number') {
    if (batchSize < 0) command.limit = -batchSize;
    // One more than the limit, so that the server need not keep the cursor open.
    else command.batchSize = batchSize === limit ? batchSize + 1 : batchSize;
  }
}

function addBooleans(command, options, names) {
  for (const name of names) {
    if (typeof options[name] === 'boolean') command[name] = options[name];
  }
}

module.exports = { findCommand };
