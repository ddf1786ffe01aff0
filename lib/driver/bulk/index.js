'use strict';

const {
  MongoBulkWriteError,
  MongoInvalidArgumentError,
  MongoNotConnectedError,
  MongoWriteConcernError
} = require('../../errors');
const { runCommand } = require('../execute');
const { toBatches } = require('./batches');
const { DELETE, INSERT, UPDATE } = require('./kinds');
const { toStatement } = require('./models');
const { BulkWriteResult, emptyResult, mergeReply } = require('./result');

/** The command of each kind, and the name of its list of statements. */
const COMMANDS = {
  [INSERT]: ['insert', 'documents'],
  [UPDATE]: ['update', 'updates'],
  [DELETE]: ['delete', 'deletes']
};

/**
 * Runs writes of any kind as few commands.
 *
 * @param {Collection} collection
 * @param {object[]} operations
 * @param {object} options resolved
 * @returns {Promise<BulkWriteResult>}
 * @throws {MongoInvalidArgumentError} before anything is sent
 * @throws {MongoBulkWriteError} with a `result` of what was done
 */
async function bulkWrite(collection, operations, options) {
  const ordered = options.ordered !== false;
  const statements = operations.map((operation) => toStatement(operation, collection, options));
  if (statements.length === 0) {
    throw new MongoInvalidArgumentError('Invalid BulkOperation, Batch cannot be empty');
  }
  const { batches, insertedIds } = toBatches(statements, ordered);
  const result = { ...emptyResult(), insertedIds };
  const soFar = () => new BulkWriteResult(result, ordered);
  for (const batch of batches) {
    await runBatch(collection, batch, options, ordered, result, soFar);
    if (ordered) throwIfFailed(soFar());
  }
  throwIfFailed(soFar());
  return soFar();
}

async function runBatch(collection, batch, options, ordered, result, soFar) {
  let reply;
  try {
    const command = commandOf(collection, batch, options, ordered);
    const nature = { write: true, ownCollation: true };
    reply = await runCommand(collection.client, collection.dbName, command, options, nature);
  } catch (error) {
    // Closed: that is not a bulk's fault.
    if (error instanceof MongoNotConnectedError) throw error;
    if (!(error instanceof MongoWriteConcernError)) throw new MongoBulkWriteError(error, soFar());
    mergeReply(result, batch, error.result);
    const { errmsg, code } = error.result.writeConcernError;
    throw new MongoBulkWriteError({ message: errmsg, code }, soFar());
  }
  mergeReply(result, batch, reply);
}

function commandOf(collection, { kind, operations }, options, ordered) {
  const [name, list] = COMMANDS[kind];
  const command = { [name]: collection.collectionName, [list]: operations, ordered };
  if (kind !== DELETE && options.bypassDocumentValidation === true) command.bypassDocumentValidation = true;
  if (kind !== INSERT && options.let) command.let = options.let;
  if (options.comment !== undefined) command.comment = options.comment;
  return command;
}

/** @throws {MongoBulkWriteError} when a write failed, under the first one's message */
function throwIfFailed(soFar) {
  const [first] = soFar.getWriteErrors();
  if (first === undefined) return;
  const message = first.errmsg || 'write operation failed';
  throw new MongoBulkWriteError({ message, code: first.code, writeErrors: soFar.getWriteErrors() }, soFar);
}

module.exports = { bulkWrite };
