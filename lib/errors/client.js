'use strict';

/** What goes wrong on this side of the connection. */

const { MongoError, errorClass } = require('./base');

const MongoDriverError = errorClass('MongoDriverError', MongoError);
const MongoAPIError = errorClass('MongoAPIError', MongoDriverError);
const MongoRuntimeError = errorClass('MongoRuntimeError', MongoDriverError);

/** A module that an option asks for is not there. */
class MongoMissingDependencyError extends MongoAPIError {
  /**
   * @param {string} message
   * @param {{cause?: *, dependencyName?: string}} [options]
   */
  constructor(message, options) {
    super(message, options);
    this.dependencyName = options?.dependencyName;
  }

  get name() {
    return 'MongoMissingDependencyError';
  }
}

const api = (name, fallback) => errorClass(name, MongoAPIError, fallback);
const runtime = (name) => errorClass(name, MongoRuntimeError);

module.exports = {
  MongoDriverError,
  MongoAPIError,
  MongoRuntimeError,
  MongoMissingDependencyError,
  MongoInvalidArgumentError: api('MongoInvalidArgumentError'),
  MongoCompatibilityError: api('MongoCompatibilityError'),
  MongoMissingCredentialsError: api('MongoMissingCredentialsError'),
  MongoNotConnectedError: api('MongoNotConnectedError'),
  MongoTransactionError: api('MongoTransactionError'),
  MongoExpiredSessionError: api('MongoExpiredSessionError', 'Cannot use a session that has ended'),
  MongoTailableCursorError: api('MongoTailableCursorError', 'Tailable cursor does not support this operation'),
  MongoCursorInUseError: api('MongoCursorInUseError', 'Cursor is already initialized'),
  MongoCursorExhaustedError: api('MongoCursorExhaustedError', 'Cursor is exhausted'),
  MongoServerClosedError: api('MongoServerClosedError', 'Server is closed'),
  MongoTopologyClosedError: api('MongoTopologyClosedError', 'Topology is closed'),
  MongoClientClosedError: api('MongoClientClosedError', 'Operation interrupted because client was closed'),
  MongoBatchReExecutionError: api(
    'MongoBatchReExecutionError',
    'This batch has already been executed, create new batch to execute'
  ),
  MongoDecompressionError: runtime('MongoDecompressionError'),
  MongoStalePrimaryError: runtime('MongoStalePrimaryError'),
  MongoUnexpectedServerResponseError: runtime('MongoUnexpectedServerResponseError'),
  MongoKerberosError: runtime('MongoKerberosError'),
  MongoAWSError: runtime('MongoAWSError'),
  MongoOIDCError: runtime('MongoOIDCError'),
  MongoChangeStreamError: runtime('MongoChangeStreamError'),
  MongoParseError: errorClass('MongoParseError', MongoDriverError),
  MongoOperationTimeoutError: errorClass('MongoOperationTimeoutError', MongoDriverError),
  MongoWaitQueueTimeoutError: errorClass('MongoWaitQueueTimeoutError', MongoDriverError)
};
