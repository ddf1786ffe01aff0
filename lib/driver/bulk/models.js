'use strict';

const { MongoInvalidArgumentError } = require('../../errors');
const { addId } = require('../collection/ids');
const {
  deleteStatement,
  refuseAtomicOperators,
  requireAtomicOperators,
  updateStatement
} = require('../statements');
const { DELETE, INSERT, UPDATE } = require('./kinds');

/** How each kind of operation becomes a statement of a command. */
const MODELS = {
  insertOne(model, collection, options) {
    // The Node driver also takes the document itself in the place of `{ document }`.
    const document = model && model.document == null ? model : model.document;
    return { kind: INSERT, statement: addId(collection, document, options) };
  },

  replaceOne(model) {
    const statement = updateStatement(model.filter, model.replacement, { ...model, multi: false });
    refuseAtomicOperators(statement.u, 'use');
    return { kind: UPDATE, statement };
  },

  updateOne(model, _collection, options) {
    const statement = updateStatement(model.filter, model.update, { ...model, multi: false });
    requireAtomicOperators(statement.u, options);
    return { kind: UPDATE, statement };
  },

  updateMany(model, _collection, options) {
    const statement = updateStatement(model.filter, model.update, { ...model, multi: true });
    requireAtomicOperators(statement.u, options);
    return { kind: UPDATE, statement };
  },

  deleteOne(model) {
    return { kind: DELETE, statement: deleteStatement(model.filter, { ...model, limit: 1 }) };
  },

  deleteMany(model) {
    return { kind: DELETE, statement: deleteStatement(model.filter, { ...model, limit: 0 }) };
  }
};

/**
 * @param {object} operation with one key, its kind
 * @param {Collection} collection
 * @param {object} options resolved
 * @returns {{kind: number, statement: object}}
 * @throws {MongoInvalidArgumentError}
 */
function toStatement(operation, collection, options) {
  if (operation == null || typeof operation !== 'object') {
    throw new MongoInvalidArgumentError('Operation must be an object with an operation key');
  }
  const kind = Object.keys(MODELS).find((name) => name in operation);
  if (kind === undefined) {
    throw new MongoInvalidArgumentError(
      'bulkWrite only supports insertOne, updateOne, updateMany, deleteOne, deleteMany'
    );
  }
  const model = operation[kind];
  if (kind !== 'insertOne' && 'q' in model) throw new MongoInvalidArgumentError('Raw operations are not allowed');
  return MODELS[kind](model, collection, options);
}

module.exports = { toStatement };
