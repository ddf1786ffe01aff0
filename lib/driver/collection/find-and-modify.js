'use strict';

const { MongoInvalidArgumentError } = require('../../errors');
const { runCommand } = require('../execute');
const { resolveOptions } = require('../options');
const { formatSort } = require('../sort');
const { refuseAtomicOperators, requireAtomicOperators } = require('../statements');

const ReturnDocument = Object.freeze({ BEFORE: 'before', AFTER: 'after' });

/**
 * Methods that write one document and return it: as it was before, or with
 * `returnDocument: 'after'` as it is then; with `includeResultMetadata: true` the whole reply.
 */
const methods = {
  /**
   * @param {object} filter
   * @param {object} [options]
   * @returns {Promise<object|null>} null when nothing matched
   */
  async findOneAndDelete(filter, options) {
    const resolved = resolveOptions(this, options);
    requireObject('filter', filter);
    return run(this, filter, resolved, { remove: true });
  },

  /**
   * @param {object} filter
   * @param {object} replacement
   * @param {{upsert?: boolean, returnDocument?: 'before'|'after'}} [options]
   * @returns {Promise<object|null>} null when there was no document
   */
  async findOneAndReplace(filter, replacement, options) {
    const resolved = resolveOptions(this, options);
    requireObject('filter', filter);
    requireObject('replacement', replacement);
    refuseAtomicOperators(replacement);
    return run(this, filter, resolved, updateFields(replacement, resolved));
  },

  /**
   * @param {object} filter
   * @param {object|object[]} update operators, or a pipeline
   * @param {{upsert?: boolean, returnDocument?: 'before'|'after', arrayFilters?: object[]}} [options]
   * @returns {Promise<object|null>} null when there was no document
   */
  async findOneAndUpdate(filter, update, options) {
    const resolved = resolveOptions(this, options);
    requireObject('filter', filter);
    requireObject('update', update);
    requireAtomicOperators(update, resolved);
    const fields = updateFields(update, resolved);
    if (resolved.arrayFilters) fields.arrayFilters = resolved.arrayFilters;
    return run(this, filter, resolved, fields);
  }
};

function requireObject(name, value) {
  if (value == null || typeof value !== 'object') {
    throw new MongoInvalidArgumentError(`Argument "${name}" must be an object`);
  }
}

function updateFields(update, options) {
  const fields = { new: options.returnDocument === ReturnDocument.AFTER, upsert: options.upsert === true, update };
  if (options.bypassDocumentValidation === true) fields.bypassDocumentValidation = true;
  return fields;
}

async function run(collection, query, options, fields) {
  const command = { findAndModify: collection.collectionName, query, remove: false, new: false, upsert: false };
  const sort = formatSort(options.sort);
  if (sort) command.sort = sort;
  if (options.projection) command.fields = options.projection;
  if (options.let) command.let = options.let;
  if (options.comment !== undefined) command.comment = options.comment;
  if (options.hint) command.hint = options.hint;
  Object.assign(command, fields);
  const reply = await runCommand(collection.client, collection.dbName, command, options, { write: true });
  return options.includeResultMetadata ? reply : reply.value ?? null;
}

module.exports = { ReturnDocument, methods };
