'use strict';

const { MongoInvalidArgumentError } = require('../../errors');
const { lazy } = require('../../lazy');
const { runCommand } = require('../execute');
const { idempotent } = require('../idempotent');
const { resolveOptions } = require('../options');
const { deleteResult, insertResult, isAcknowledged, updateResult } = require('../results');
const {
  deleteStatement,
  refuseAtomicOperators,
  requireAtomicOperators,
  updateStatement
} = require('../statements');
const { addId } = require('./ids');

const insertMany = lazy(() => require('./insert-many'));

/** The writing methods of a collection. */
module.exports = {
  /**
   * Inserts a document, which gets an `_id` if it has none.
   *
   * @param {object} doc
   * @param {object} [options]
   * @returns {Promise<{acknowledged: boolean, insertedId: *}>}
   */
  async insertOne(doc, options) {
    const resolved = resolveOptions(this, options);
    const document = addId(this, doc, resolved);
    const command = { insert: this.collectionName, documents: [document], ordered: orderedOf(resolved) };
    decorate(command, resolved, ['bypassDocumentValidation', 'comment']);
    const reply = await runCommand(this.client, this.dbName, command, resolved, { write: true });
    return insertResult(reply, resolved, document._id);
  },

  /**
   * Inserts documents, which get an `_id` if they have none.
   *
   * @param {object[]} docs
   * @param {{ordered?: boolean}} [options]
   * @returns {Promise<{acknowledged: boolean, insertedCount: number, insertedIds: Object<number, *>}>}
   * @throws {MongoBulkWriteError}
   */
  async insertMany(docs, options) {
    if (!Array.isArray(docs)) {
      throw new MongoInvalidArgumentError('Argument "docs" must be an array of documents');
    }
    const resolved = resolveOptions(this, options);
    if (docs.some((doc) => doc == null)) {
      throw new MongoInvalidArgumentError(
        'Collection.insertMany() cannot be called with an array that has null/undefined values'
      );
    }
    const documents = docs.map((document) => addId(this, document, resolved));
    const { insertedCount, insertedIds } = await insertMany().insertAll(this, documents, resolved);
    return { acknowledged: isAcknowledged(resolved), insertedCount, insertedIds };
  },

  /**
   * Updates the first document that matches.
   *
   * @param {object} filter
   * @param {object|object[]} update operators, or a pipeline
   * @param {{upsert?: boolean}} [options]
   * @returns {Promise<{acknowledged: boolean, matchedCount: number, modifiedCount: number,
   *   upsertedCount: number, upsertedId: *}>}
   */
  async updateOne(filter, update, options) {
    const resolved = resolveOptions(this, options);
    const statement = updateStatement(filter, update, { ...resolved, multi: false });
    requireAtomicOperators(update, resolved);
    return runUpdate(this, statement, resolved, idempotent.updateOne(filter, update, resolved));
  },

  /** Updates every document that matches; parameters and result as for `updateOne`. */
  async updateMany(filter, update, options) {
    const resolved = resolveOptions(this, options);
    const statement = updateStatement(filter, update, { ...resolved, multi: true });
    requireAtomicOperators(update, resolved);
    return runUpdate(this, statement, resolved, idempotent.updateMany(filter, update, resolved));
  },

  /** Replaces the first document that matches; parameters and result as for `updateOne`. */
  async replaceOne(filter, replacement, options) {
    const resolved = resolveOptions(this, options);
    const statement = updateStatement(filter, replacement, { ...resolved, multi: false });
    refuseAtomicOperators(replacement);
    return runUpdate(this, statement, resolved, idempotent.replaceOne(filter));
  },

  /**
   * Deletes the first document that matches.
   *
   * @param {object} [filter]
   * @param {object} [options]
   * @returns {Promise<{acknowledged: boolean, deletedCount: number}>}
   */
  async deleteOne(filter = {}, options = {}) {
    const resolved = resolveOptions(this, options);
    const statement = deleteStatement(filter, { ...resolved, limit: 1 });
    return runDelete(this, statement, resolved, idempotent.deleteOne(filter));
  },

  /** Deletes every document that matches; parameters and result as for `deleteOne`. */
  async deleteMany(filter = {}, options = {}) {
    const resolved = resolveOptions(this, options);
    const limit = typeof resolved.limit === 'number' ? resolved.limit : 0;
    const statement = deleteStatement(filter, { ...resolved, limit });
    return runDelete(this, statement, resolved, limit === 0 && idempotent.deleteMany());
  }
};

async function runUpdate(collection, statement, options, isIdempotent) {
  const command = { update: collection.collectionName, updates: [statement], ordered: options.ordered ?? true };
  decorate(command, options, ['bypassDocumentValidation', 'let', 'comment']);
  const nature = { write: true, ownCollation: true, idempotent: isIdempotent };
  return updateResult(await runCommand(collection.client, collection.dbName, command, options, nature), options);
}

async function runDelete(collection, statement, options, isIdempotent) {
  const command = { delete: collection.collectionName, deletes: [statement], ordered: orderedOf(options) };
  decorate(command, options, ['let', 'comment']);
  const nature = { write: true, ownCollation: true, idempotent: isIdempotent };
  return deleteResult(await runCommand(collection.client, collection.dbName, command, options, nature), options);
}

function orderedOf({ ordered }) {
  return typeof ordered === 'boolean' ? ordered : true;
}

/** Takes over those of the options that a command has under the same name. */
function decorate(command, options, names) {
  for (const name of names) {
    const value = options[name];
    if (name === 'comment' ? value !== undefined : name === 'let' ? value : typeof value === 'boolean') {
      command[name] = value;
    }
  }
}
