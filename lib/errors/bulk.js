'use strict';

/** What a bulk of writes reports. */

const { MongoServerError } = require('./server');

/** One write of a bulk failed. */
class WriteError {
  /** @param {{index: number, code: number, errmsg: string, errInfo?: object, op: object}} err */
  constructor(err) {
    this.err = err;
  }

  get code() {
    return this.err.code;
  }

  /** The write's place in the array given to `bulkWrite`. */
  get index() {
    return this.err.index;
  }

  get errmsg() {
    return this.err.errmsg;
  }

  get errInfo() {
    return this.err.errInfo;
  }

  getOperation() {
    return this.err.op;
  }

  toJSON() {
    const { code, index, errmsg, op } = this.err;
    return { code, index, errmsg, op };
  }

  toString() {
    return `WriteError(${JSON.stringify(this.toJSON())})`;
  }
}

/** A bulk's writes were done, but not replicated as asked. */
class WriteConcernError {
  /** @param {{code: number, errmsg: string, errInfo?: object}} error */
  constructor(error) {
    this.serverError = error;
  }

  get code() {
    return this.serverError.code;
  }

  get errmsg() {
    return this.serverError.errmsg;
  }

  get errInfo() {
    return this.serverError.errInfo;
  }

  toJSON() {
    return this.serverError;
  }

  toString() {
    return `WriteConcernError(${this.errmsg})`;
  }
}

/** A bulk ended early or with failed writes; `result` says what was done. */
class MongoBulkWriteError extends MongoServerError {
  /**
   * @param {Error|WriteConcernError|{message: string, code: number, writeErrors?: WriteError[]}} error
   * @param {BulkWriteResult} result
   */
  constructor(error, result) {
    super(error);
    this.writeErrors = [];
    if (error instanceof WriteConcernError) {
      this.err = error;
    } else if (!(error instanceof Error)) {
      this.message = error.message;
      this.code = error.code;
      this.writeErrors = error.writeErrors ?? [];
    }
    this.result = result;
    Object.assign(this, error);
  }

  get name() {
    return 'MongoBulkWriteError';
  }

  get insertedCount() {
    return this.result.insertedCount;
  }

  get matchedCount() {
    return this.result.matchedCount;
  }

  get modifiedCount() {
    return this.result.modifiedCount;
  }

  get deletedCount() {
    return this.result.deletedCount;
  }

  get upsertedCount() {
    return this.result.upsertedCount;
  }

  get insertedIds() {
    return this.result.insertedIds;
  }

  get upsertedIds() {
    return this.result.upsertedIds;
  }
}

module.exports = { WriteError, WriteConcernError, MongoBulkWriteError };
