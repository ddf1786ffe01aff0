'use strict';

const { bson } = require('../../codec/bson');
const {
  MongoBulkWriteError,
  MongoInvalidArgumentError,
  MongoNotConnectedError,
  MongoWriteConcernError
} = require('../../errors');
const { BulkWriteResult, emptyResult, mergeInsert } = require('../bulk-result');
const { runCommand } = require('../execute');

/** Every server's limits since MongoDB 3.6, and the size that the Node driver gives a command. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const MAX_DOCUMENTS = 100000;
/** Of an array's key in BSON: type, digits, end. */
const KEY_BYTES = String(MAX_DOCUMENTS - 1).length + 2;

/**
 * Inserts documents by as few commands as they fit into.
 *
 * @param {Collection} collection
 * @param {object[]} documents
 * @param {object} options resolved
 * @returns {Promise<BulkWriteResult>}
 * @throws {MongoInvalidArgumentError} before anything is sent
 * @throws {MongoBulkWriteError} with a `result` of what was done
 */
async function insertAll(collection, documents, options) {
  if (documents.length === 0) throw new MongoInvalidArgumentError('Invalid BulkOperation, Batch cannot be empty');
  const ordered = options.ordered !== false;
  const result = { ...emptyResult(), insertedIds: documents.map(({ _id }, index) => ({ index, _id })) };
  const soFar = () => new BulkWriteResult(result, ordered);
  let first = 0;
  for (const batch of toBatches(documents)) {
    await insertBatch(collection, batch, first, options, ordered, result, soFar);
    if (ordered) throwIfFailed(soFar());
    first += batch.length;
  }
  throwIfFailed(soFar());
  return soFar();
}

/** @returns {object[][]} */
function toBatches(documents) {
  const batches = [];
  let bytes = Infinity;
  for (const document of documents) {
    const size = KEY_BYTES + sizeOf(document);
    if (bytes + size >= MAX_BATCH_BYTES || batches.at(-1).length + 1 >= MAX_DOCUMENTS) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1).push(document);
    bytes += size;
  }
  return batches;
}

function sizeOf(document) {
  if (Array.isArray(document)) throw new MongoInvalidArgumentError('Operation passed in cannot be an Array');
  const bytes = bson().package.calculateObjectSize(document, { checkKeys: false, ignoreUndefined: false });
  if (bytes >= MAX_DOCUMENT_BYTES) {
    throw new MongoInvalidArgumentError(`Document is larger than the maximum size ${MAX_DOCUMENT_BYTES}`);
  }
  return bytes;
}

async function insertBatch(collection, documents, first, options, ordered, result, soFar) {
  const command = { insert: collection.collectionName, documents, ordered };
  if (options.bypassDocumentValidation === true) command.bypassDocumentValidation = true;
  if (options.comment !== undefined) command.comment = options.comment;
  let reply;
  try {
    reply = await runCommand(collection.client, collection.dbName, command, options, { write: true });
  } catch (error) {
    // That the client is closed is no fault of these documents.
    if (error instanceof MongoNotConnectedError) throw error;
    if (!(error instanceof MongoWriteConcernError)) throw new MongoBulkWriteError(error, soFar());
    mergeInsert(result, documents, first, error.result);
    const { errmsg, code } = error.result.writeConcernError;
    throw new MongoBulkWriteError({ message: errmsg, code }, soFar());
  }
  mergeInsert(result, documents, first, reply);
}

/** @throws {MongoBulkWriteError} when a document was refused, under the first one's message */
function throwIfFailed(soFar) {
  const writeErrors = soFar.getWriteErrors();
  if (writeErrors.length === 0) return;
  const message = writeErrors[0].errmsg || 'write operation failed';
  throw new MongoBulkWriteError({ message, code: writeErrors[0].code, writeErrors }, soFar);
}

module.exports = { insertAll };
