'use strict';

/** What goes wrong between this side and the server. */

const { MongoError, errorClass } = require('./base');

class MongoNetworkError extends MongoError {
  /**
   * @param {string} message
   * @param {{cause?: *, beforeHandshake?: boolean}} [options]
   */
  constructor(message, options) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.beforeHandshake = Boolean(options?.beforeHandshake);
  }

  get name() {
    return 'MongoNetworkError';
  }
}

class MongoSystemError extends MongoError {
  /**
   * @param {string} message
   * @param {{error?: Error}} [reason] what was found out about the servers; `error` is the first server's
   */
  constructor(message, reason) {
    const error = reason?.error;
    super(error ? error.message || String(error) : message, error ? { cause: error } : undefined);
    if (reason) this.reason = reason;
    this.code = error?.code;
  }

  get name() {
    return 'MongoSystemError';
  }
}

module.exports = {
  MongoNetworkError,
  MongoNetworkTimeoutError: errorClass('MongoNetworkTimeoutError', MongoNetworkError),
  MongoPoolClearedError: errorClass('MongoPoolClearedError', MongoNetworkError),
  MongoSystemError,
  MongoServerSelectionError: errorClass('MongoServerSelectionError', MongoSystemError)
};
