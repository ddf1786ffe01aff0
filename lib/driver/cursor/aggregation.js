'use strict';

const { MongoInvalidArgumentError } = require('../../errors');
const { AbstractCursor, defineSetters, forwardQuestions } = require('./abstract');

/** What `aggregate()` returns: a pipeline, and once it is read from, its documents. */
class AggregationCursor extends AbstractCursor {
  /**
   * @param {MongoClient} client
   * @param {Namespace} namespace
   * @param {object[]} pipeline stages that are added later go into it, as in the Node driver
   * @param {object} options resolved
   */
  constructor(client, namespace, pipeline = [], options = {}) {
    super(client, namespace, options);
    this.pipeline = pipeline;
  }

  request(options) {
    const { pipeline } = this;
    const last = pipeline[pipeline.length - 1];
    const writes = Boolean(last?.$out || last?.$merge);
    if (options.cursor != null && typeof options.cursor !== 'object') {
      throw new MongoInvalidArgumentError('Cursor options must be an object');
    }
    const command = { aggregate: this.s.namespace.collection, pipeline };
    if (options.bypassDocumentValidation === true) command.bypassDocumentValidation = true;
    if (typeof options.allowDiskUse === 'boolean') command.allowDiskUse = options.allowDiskUse;
    if (options.hint) command.hint = options.hint;
    if (options.let) command.let = options.let;
    if (options.comment !== undefined) command.comment = options.comment;
    command.cursor = { ...options.cursor };
    if (options.batchSize && !writes) command.cursor.batchSize = options.batchSize;
    return { command, nature: { write: writes, idempotent: !writes } };
  }

  nodeCursor(what) {
    const { client, namespace, options } = this.s;
    return client.s.counterpart(what).db(namespace.db).collection(namespace.collection).aggregate(this.pipeline, options);
  }

  /** @returns {AggregationCursor} the same pipeline, unread */
  clone() {
    const { client, namespace, options, node } = this.s;
    const clone = new AggregationCursor(client, namespace, this.pipeline, options);
    clone.s.node = node?.clone() ?? null;
    return clone;
  }
}

const STAGES = ['group', 'limit', 'match', 'out', 'project', 'lookup', 'redact', 'skip', 'sort', 'unwind', 'geoNear'];

defineSetters(AggregationCursor, {
  addStage(stage) {
    this.pipeline.push(stage);
  },

  ...Object.fromEntries(STAGES.map((stage) => [stage, function add(specification) {
    this.pipeline.push({ [`$${stage}`]: specification });
  }]))
});
forwardQuestions(AggregationCursor, ['explain']);

module.exports = { AggregationCursor };
