'use strict';

const { MongoInvalidArgumentError } = require('../../errors');
const { AggregationCursor } = require('../cursor/aggregation');
const { FindCursor } = require('../cursor/find');
const { runCommand } = require('../execute');
const { resolveOptions } = require('../options');

/** The reading methods of a collection. */
module.exports = {
  /**
   * @param {object} [filter]
   * @param {object} [options] `sort`, `projection`, `skip`, …
   * @returns {FindCursor} nothing is sent before it is read from
   */
  find(filter = {}, options = {}) {
    return new FindCursor(this.client, this.s.namespace, filter, resolveOptions(this, options));
  },

  /**
   * @param {object} [filter]
   * @param {object} [options] as for `find`
   * @returns {Promise<object|null>} null when nothing matches
   */
  async findOne(filter = {}, options = {}) {
    // One batch of one document: what is about further ones must not be sent.
    const one = { ...options, batchSize: undefined, singleBatch: true };
    const cursor = this.find(filter, one).limit(1);
    const result = await cursor.next();
    await cursor.close();
    return result;
  },

  /**
   * @param {object[]} [pipeline]
   * @param {object} [options]
   * @returns {AggregationCursor} nothing is sent before it is read from
   * @throws {MongoInvalidArgumentError}
   */
  aggregate(pipeline = [], options) {
    if (!Array.isArray(pipeline)) {
      throw new MongoInvalidArgumentError('Argument "pipeline" must be an array of aggregation stages');
    }
    return new AggregationCursor(this.client, this.s.namespace, pipeline, resolveOptions(this, options));
  },

  /**
   * Counts by looking at what matches.
   *
   * @param {object} [filter]
   * @param {{skip?: number, limit?: number}} [options]
   * @returns {Promise<number>}
   */
  async countDocuments(filter = {}, options = {}) {
    const pipeline = [{ $match: filter }];
    if (typeof options.skip === 'number') pipeline.push({ $skip: options.skip });
    if (typeof options.limit === 'number') pipeline.push({ $limit: options.limit });
    pipeline.push({ $group: { _id: 1, n: { $sum: 1 } } });
    const cursor = this.aggregate(pipeline, options);
    const counted = await cursor.next();
    await cursor.close();
    return counted?.n ?? 0;
  },

  /**
   * The count that the server keeps of the whole collection.
   *
   * @param {object} [options]
   * @returns {Promise<number>}
   */
  async estimatedDocumentCount(options) {
    const resolved = resolveOptions(this, options);
    const command = { count: this.collectionName };
    if (resolved.comment !== undefined) command.comment = resolved.comment;
    const reply = await runCommand(this.client, this.dbName, command, resolved, { idempotent: true });
    return reply.n ?? 0;
  },

  /**
   * The distinct values of a field among what matches.
   *
   * @param {string} key
   * @param {object} [filter]
   * @param {object} [options]
   * @returns {Promise<Array>}
   */
  async distinct(key, filter = {}, options = {}) {
    const resolved = resolveOptions(this, options);
    const command = { distinct: this.collectionName, key, query: filter };
    if (resolved.comment !== undefined) command.comment = resolved.comment;
    if (resolved.hint != null) command.hint = resolved.hint;
    const reply = await runCommand(this.client, this.dbName, command, resolved, { idempotent: true });
    return reply.values;
  }
};
