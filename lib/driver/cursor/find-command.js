'use strict';

const { MongoInvalidArgumentError } = require('../../errors');
const { formatSort } = require('../sort');

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
  if (options.hint) command.hint = options.hint;
  if (typeof options.skip === 'number') command.skip = options.skip;
  addLimits(command, options);
  if (typeof options.singleBatch === 'boolean') command.singleBatch = options.singleBatch;
  if (options.comment !== undefined) command.comment = options.comment;
  if (typeof options.allowDiskUse === 'boolean') command.allowDiskUse = options.allowDiskUse;
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

module.exports = { findCommand };
