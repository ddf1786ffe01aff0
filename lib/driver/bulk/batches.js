'use strict';

const { calculateObjectSize } = require('bson');
const { MongoInvalidArgumentError } = require('../../errors');
const { INSERT } = require('./kinds');

/** Every server's limits since MongoDB 3.6, and the size that the Node driver gives a command. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const MAX_STATEMENTS = 100000;
/** Of an array's key in BSON: type, digits, end. */
const KEY_BYTES = String(MAX_STATEMENTS - 1).length + 2;

/** Statements that go out as one command. */
class Batch {
  constructor(kind, firstIndex) {
    this.kind = kind;
    this.firstIndex = firstIndex;
    /** The statements' places among the bulk's operations. */
    this.indexes = [];
    this.operations = [];
    this.bytes = 0;
  }

  hasRoomFor(bytes) {
    const { length } = this.operations;
    return length + 1 < MAX_STATEMENTS && (length === 0 || this.bytes + KEY_BYTES + bytes < MAX_BATCH_BYTES);
  }

  add(statement, bytes, index) {
    this.operations.push(statement);
    this.indexes.push(index);
    this.bytes += KEY_BYTES + bytes;
  }
}

/**
 * Splits a bulk's statements into commands: in order one command for each run of a kind, else one
 * for each kind, and more where a command would be too large.
 *
 * @param {Array<{kind: number, statement: object}>} statements
 * @param {boolean} ordered
 * @returns {{batches: Batch[], insertedIds: Array<{index: number, _id: *}>}} the ids of inserts are
 *   numbered as the Node driver does: in order by operation, else by insert
 * @throws {MongoInvalidArgumentError}
 */
function toBatches(statements, ordered) {
  const full = [];
  const open = new Map();
  const insertedIds = [];
  statements.forEach(({ kind, statement }, index) => {
    const bytes = sizeOf(statement);
    const slot = ordered ? 'all' : kind;
    let batch = open.get(slot);
    if (batch !== undefined && (batch.kind !== kind || !batch.hasRoomFor(bytes))) {
      full.push(batch);
      batch = undefined;
    }
    if (batch === undefined) {
      batch = new Batch(kind, index);
      open.set(slot, batch);
    }
    batch.add(statement, bytes, index);
    if (kind === INSERT) insertedIds.push({ index: ordered ? index : insertedIds.length, _id: statement._id });
  });
  const rest = [...open.values()].sort((a, b) => a.kind - b.kind);
  return { batches: [...full, ...rest], insertedIds };
}

function sizeOf(statement) {
  if (Array.isArray(statement)) throw new MongoInvalidArgumentError('Operation passed in cannot be an Array');
  const bytes = calculateObjectSize(statement, { checkKeys: false, ignoreUndefined: false });
  if (bytes >= MAX_DOCUMENT_BYTES) {
    throw new MongoInvalidArgumentError(`Document is larger than the maximum size ${MAX_DOCUMENT_BYTES}`);
  }
  return bytes;
}

module.exports = { Batch, toBatches };
