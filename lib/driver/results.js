'use strict';

/** From a write command's reply to what its method returns. */

const { MongoServerError } = require('../errors');

/** @throws {MongoServerError} what the reply says about the command's only write */
function throwIfWriteFailed(reply) {
  if (reply.code) throw new MongoServerError(reply);
  if (reply.writeErrors) throw new MongoServerError(reply.writeErrors[0]);
}

function isAcknowledged(options) {
  return options.writeConcern?.w !== 0;
}

/**
 * @param {object} reply of `insert`
 * @param {object} options resolved
 * @param {*} insertedId
 */
function insertResult(reply, options, insertedId) {
  throwIfWriteFailed(reply);
  return { acknowledged: isAcknowledged(options), insertedId };
}

/**
 * @param {object} reply of `update` with one statement
 * @param {object} options resolved
 */
function updateResult(reply, options) {
  throwIfWriteFailed(reply);
  const upserted = Array.isArray(reply.upserted) ? reply.upserted : [];
  return {
    acknowledged: isAcknowledged(options),
    modifiedCount: reply.nModified ?? reply.n,
    upsertedId: upserted.length > 0 ? upserted[0]._id : null,
    upsertedCount: upserted.length,
    matchedCount: upserted.length > 0 ? 0 : reply.n
  };
}

/**
 * @param {object} reply of `delete` with one statement
 * @param {object} options resolved
 */
function deleteResult(reply, options) {
  throwIfWriteFailed(reply);
  return { acknowledged: isAcknowledged(options), deletedCount: reply.n };
}

module.exports = { deleteResult, insertResult, isAcknowledged, updateResult };
