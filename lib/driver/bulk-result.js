'use strict';

const { bson } = require('../codec/bson');
const { WriteConcernError, WriteError } = require('../errors');

/** What `insertMany` did, in the form that the Node driver has for bulks of any writes. */
class BulkWriteResult {
  /**
   * @param {object} result as `emptyResult` and `mergeInsert` make it
   * @param {boolean} ordered
   */
  constructor(result, ordered) {
    this.insertedCount = result.nInserted;
    this.matchedCount = result.nMatched;
    this.modifiedCount = result.nModified;
    this.deletedCount = result.nRemoved;
    this.upsertedCount = result.upserted.length;
    this.upsertedIds = idsByIndex(result.upserted);
    this.insertedIds = idsByIndex(reallyInserted(result, ordered));
    Object.defineProperty(this, 'result', { value: result, enumerable: false });
  }

  get ok() {
    return this.result.ok;
  }

  isOk() {
    return this.result.ok === 1;
  }

  getUpsertedIdAt(index) {
    return this.result.upserted[index];
  }

  getRawResponse() {
    return this.result;
  }

  hasWriteErrors() {
    return this.result.writeErrors.length > 0;
  }

  getWriteErrorCount() {
    return this.result.writeErrors.length;
  }

  getWriteErrorAt(index) {
    return this.result.writeErrors[index];
  }

  getWriteErrors() {
    return this.result.writeErrors;
  }

  getWriteConcernError() {
    const errors = this.result.writeConcernErrors;
    if (errors.length <= 1) return errors[0];
    const errmsg = errors.map((error) => error.errmsg).join(' and ');
    return new WriteConcernError({ errmsg, code: 64 });
  }

  toString() {
    return `BulkWriteResult(${bson().package.EJSON.stringify(this.result)})`;
  }
}

function idsByIndex(entries) {
  return Object.fromEntries(entries.map(({ index, _id }) => [index, _id]));
}

function reallyInserted({ insertedIds, writeErrors }, ordered) {
  if (writeErrors.length === 0) return insertedIds;
  if (ordered) return insertedIds.slice(0, writeErrors[0].index);
  const failed = new Set(writeErrors.map((error) => error.index));
  return insertedIds.filter(({ index }) => !failed.has(index));
}

/** @returns {object} the result before anything was done */
function emptyResult() {
  return {
    ok: 1,
    writeErrors: [],
    writeConcernErrors: [],
    insertedIds: [],
    nInserted: 0,
    nUpserted: 0,
    nMatched: 0,
    nModified: 0,
    nRemoved: 0,
    upserted: []
  };
}

/**
 * Adds what one `insert` command did.
 *
 * @param {object} result
 * @param {object[]} documents of the command
 * @param {number} first the place of the first one among all
 * @param {object} reply
 */
function mergeInsert(result, documents, first, reply) {
  result.nInserted += reply.n ?? 0;
  for (const { index, code, errmsg, errInfo } of reply.writeErrors ?? []) {
    result.writeErrors.push(new WriteError({ index: first + index, code, errmsg, errInfo, op: documents[index] }));
  }
  if (reply.writeConcernError) result.writeConcernErrors.push(new WriteConcernError(reply.writeConcernError));
}

module.exports = { BulkWriteResult, emptyResult, mergeInsert };
