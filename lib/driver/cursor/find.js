'use strict';

const { formatSort } = require('../sort');
const { AbstractCursor, defineSetters, forwardQuestions, forwardSetters, numericOption, option } = require('./abstract');
const { findCommand } = require('./find-command');

/** What `collection.find()` returns: a query, and once it is read from, its documents. */
class FindCursor extends AbstractCursor {
  /**
   * @param {MongoClient} client
   * @param {Namespace} namespace
   * @param {object} filter
   * @param {object} options resolved
   */
  constructor(client, namespace, filter = {}, options = {}) {
    super(client, namespace, options);
    this.s.filter = filter;
    if (options.sort != null) this.s.options.sort = formatSort(options.sort);
  }

  request(options) {
    return { command: findCommand(this.s.namespace, this.s.filter, options), nature: { idempotent: true } };
  }

  nodeCursor(what) {
    const { client, namespace, filter, options } = this.s;
    return client.s.counterpart(what).db(namespace.db).collection(namespace.collection).find(filter, options);
  }

  /** @returns {FindCursor} the same query, unread */
  clone() {
    const { client, namespace, filter, options, node } = this.s;
    const clone = new FindCursor(client, namespace, filter, options);
    clone.s.node = node?.clone() ?? null;
    return clone;
  }
}

defineSetters(FindCursor, {
  filter(filter) {
    this.s.filter = filter;
  },

  /** Fields to give (1) or leave out (0). */
  project: option('projection'),

  /** In any form that the Node driver takes; `direction` where it is one name. */
  sort(sort, direction) {
    this.s.options.sort = formatSort(sort, direction);
  },

  /** 0 for all. */
  limit: numericOption('limit'),

  skip: numericOption('skip'),

  /** An index's name or keys. */
  hint: option('hint'),

  comment: option('comment'),

  collation: option('collation')
});
forwardSetters(FindCursor, [
  'min', 'max', 'returnKey', 'showRecordId', 'addQueryModifier', 'maxAwaitTimeMS', 'allowDiskUse'
]);
forwardQuestions(FindCursor, ['count', 'explain']);

module.exports = { FindCursor };
