'use strict';

/** What a server says. */

const { MongoError } = require('./base');

/** Members that an error has by itself; a reply's fields of these names do not become properties. */
const RESERVED = new Set(['errorLabels', 'errmsg', 'message', 'errorResponse', 'name', 'errorLabelSet', '__proto__']);

class MongoServerError extends MongoError {
  /**
   * @param {object} reply the server's reply, or one of its `writeErrors`; its fields (`code`,
   *   `codeName`, `keyPattern`, …) become properties
   */
  constructor(reply) {
    super(reply.message || reply.errmsg || reply.$err || 'n/a');
    for (const label of reply.errorLabels ?? []) this.addErrorLabel(label);
    this.errorResponse = reply;
    for (const name in reply) {
      if (!RESERVED.has(name)) this[name] = reply[name];
    }
  }

  get name() {
    return 'MongoServerError';
  }
}

/** The server did the write, but could not replicate it as asked. */
class MongoWriteConcernError extends MongoServerError {
  /** @param {{writeConcernError: {errmsg: string, code: number, errInfo?: object}}} reply */
  constructor(reply) {
    super({ ...reply.writeConcernError, ...reply });
    this.errInfo = reply.writeConcernError.errInfo;
    this.result = reply;
  }

  get name() {
    return 'MongoWriteConcernError';
  }
}

module.exports = { MongoServerError, MongoWriteConcernError };
