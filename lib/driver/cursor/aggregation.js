'use strict';

const { MongoInvalidArgumentError } = require('../../errors');
const { runCommand } = require('../execute');
const { AbstractCursor, requireUnused } = require('./abstract');

/** What `aggregate()` returns: a pipeline, and once it is read from, its documents. */
class AggregationCursor extends AbstractCursor {
  /**
   * @param {MongoClient} client
   * @param {Namespace} namespace without a collection for an aggregation of the database
   * @param {object[]} pipeline stages that are added later go into it, as in the Node driver
   * @param {object} options resolved
   */
  constructor(client, namespace, pipeline = [], options = {}) {
    super(client, namespace, options);
    this.pipeline = pipeline;
  }

  request(options) {
    let { pipeline } = this;
    if (typeof options.out === 'string') pipeline = pipeline.concat({ $out: options.out });
    const last = pipeline[pipeline.length - 1];
    const writes = Boolean(last?.$out || last?.$merge);
    if (options.explain != null && options.writeConcern) {
      throw new MongoInvalidArgumentError('Option "explain" cannot be used on an aggregate call with writeConcern');
    }
    if (options.cursor != null && typeof options.cursor !== 'object') {
      throw new MongoInvalidArgumentError('Cursor options must be an object');
    }
    const command = { aggregate: this.s.namespace.collection || 1, pipeline };
    if (options.bypassDocumentValidation === true) command.bypassDocumentValidation = true;
    if (typeof options.allowDiskUse === 'boolean') command.allowDiskUse = options.allowDiskUse;
    if (options.hint) command.hint = options.hint;
    if (options.let) command.let = options.let;
    if (options.comment !== undefined) command.comment = options.comment;
    command.cursor = { ...options.cursor };
    if (options.batchSize && !writes) command.cursor.batchSize = options.batchSize;
    return { command, nature: { explainable: true, write: writes, idempotent: !writes } };
  }

  /** @returns {AggregationCursor} the same pipeline, unread */
  clone() {
    return new AggregationCursor(this.s.client, this.s.namespace, this.pipeline, this.s.options);
  }

  /**
   * @param {boolean|string|object} [verbosity]
   * @returns {Promise<object>} how the server would go about it
   */
  async explain(verbosity) {
    const options = { ...this.s.options, explain: verbosity ?? true };
    const { command, nature } = this.request(options);
    return runCommand(this.s.client, this.s.namespace.db, command, options, nature);
  }

  /** @param {object} stage e.g. `{ $match: { a: 1 } }` */
  addStage(stage) {
    requireUnused(this);
    this.pipeline.push(stage);
    return this;
  }
}

const STAGES = ['group', 'limit', 'match', 'out', 'project', 'lookup', 'redact', 'skip', 'sort', 'unwind', 'geoNear'];
for (const stage of STAGES) {
  Object.defineProperty(AggregationCursor.prototype, stage, {
    value: { [stage](specification) {
      return this.addStage({ [`$${stage}`]: specification });
    } }[stage],
    writable: true,
    configurable: true
  });
}

module.exports = { AggregationCursor };
