'use strict';

const { AbstractCursor } = require('./abstract');

/** What `collection.listIndexes()` returns. */
class ListIndexesCursor extends AbstractCursor {
  /**
   * @param {Collection} collection
   * @param {object} options resolved
   */
  constructor(collection, options) {
    super(collection.client, collection.s.namespace, options);
    this.parent = collection;
  }

  request({ batchSize, comment }) {
    const command = { listIndexes: this.s.namespace.collection, cursor: batchSize ? { batchSize } : {} };
    if (comment !== undefined) command.comment = comment;
    return { command, nature: { idempotent: true } };
  }

  /** @returns {ListIndexesCursor} the same query, unread */
  clone() {
    return new ListIndexesCursor(this.parent, this.s.options);
  }
}

module.exports = { ListIndexesCursor };
