'use strict';

const { AbstractCursor } = require('./abstract');

/** What `db.listCollections()` returns. */
class ListCollectionsCursor extends AbstractCursor {
  /**
   * @param {Db} db
   * @param {object} filter on the descriptions
   * @param {{nameOnly?: boolean, authorizedCollections?: boolean}} options resolved
   */
  constructor(db, filter, options) {
    super(db.client, db.s.namespace, options);
    this.parent = db;
    this.filter = filter;
  }

  request({ batchSize, nameOnly, authorizedCollections, comment }) {
    const command = {
      listCollections: 1,
      filter: this.filter,
      cursor: batchSize ? { batchSize } : {},
      nameOnly: Boolean(nameOnly),
      authorizedCollections: Boolean(authorizedCollections)
    };
    if (comment !== undefined) command.comment = comment;
    return { command, nature: { idempotent: true } };
  }

  nodeCursor(what) {
    return this.parent.s.counterpart(what).listCollections(this.filter, this.s.options);
  }

  /** @returns {ListCollectionsCursor} the same query, unread */
  clone() {
    const clone = new ListCollectionsCursor(this.parent, this.filter, this.s.options);
    clone.s.node = this.s.node?.clone() ?? null;
    return clone;
  }
}

module.exports = { ListCollectionsCursor };
