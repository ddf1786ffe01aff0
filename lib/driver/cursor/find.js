'use strict';

const { MongoInvalidArgumentError } = require('../../errors');
const { runCommand } = require('../execute');
const { formatSort } = require('../sort');
const { AbstractCursor, requireUnused, setNumber, setOption } = require('./abstract');
const { countCommand } = require('./count');
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
    return {
      command: findCommand(this.s.namespace, this.s.filter, options),
      nature: { explainable: true, idempotent: true }
    };
  }

  /** @returns {FindCursor} the same query, unread */
  clone() {
    return new FindCursor(this.s.client, this.s.namespace, this.s.filter, this.s.options);
  }

  /**
   * The server's `count` command on the query.
   *
   * @param {object} [options]
   * @returns {Promise<number>}
   */
  async count(options) {
    if (typeof options === 'boolean') throw new MongoInvalidArgumentError('Invalid first parameter to count');
    const all = { ...this.s.options, ...options };
    const { client, namespace, filter } = this.s;
    const command = countCommand(namespace, filter, all);
    const reply = await runCommand(client, namespace.db, command, all, { idempotent: true });
    return reply.n ?? 0;
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

  filter(filter) {
    requireUnused(this);
    this.s.filter = filter;
    return this;
  }

  /** @param {object} value fields to give (1) or leave out (0) */
  project(value) {
    return setOption(this, 'projection', value);
  }

  /**
   * @param {string|string[]|Array|object|Map} sort
   * @param {number|string} [direction] where `sort` is one name
   */
  sort(sort, direction) {
    requireUnused(this);
    return setOption(this, 'sort', formatSort(sort, direction));
  }

  /** @param {number} value 0 for all */
  limit(value) {
    return setNumber(this, 'limit', value, 'Operation "limit" requires an integer');
  }

  /** @param {number} value */
  skip(value) {
    return setNumber(this, 'skip', value, 'Operation "skip" requires an integer');
  }

  /** @param {string|object} value an index's name or keys */
  hint(value) {
    return setOption(this, 'hint', value);
  }

  min(value) {
    return setOption(this, 'min', value);
  }

  max(value) {
    return setOption(this, 'max', value);
  }

  returnKey(value) {
    return setOption(this, 'returnKey', value);
  }

  showRecordId(value) {
    return setOption(this, 'showRecordId', value);
  }

  comment(value) {
    return setOption(this, 'comment', value);
  }

  collation(value) {
    return setOption(this, 'collation', value);
  }

  maxAwaitTimeMS(value) {
    return setNumber(this, 'maxAwaitTimeMS', value, 'Argument for maxAwaitTimeMS must be a number');
  }

  /** @param {boolean} [allow] whether the server may sort on disk */
  allowDiskUse(allow = true) {
    requireUnused(this);
    if (!this.s.options.sort) {
      throw new MongoInvalidArgumentError('Option "allowDiskUse" requires a sort specification');
    }
    return setOption(this, 'allowDiskUse', Boolean(allow));
  }

  /** The legacy query modifiers: `$orderby`, `$hint`, … */
  addQueryModifier(name, value) {
    requireUnused(this);
    if (name[0] !== '$') throw new MongoInvalidArgumentError(`${name} is not a valid query modifier`);
    const field = name.slice(1);
    if (field === 'query') return this.filter(value);
    if (field === 'orderby') return this.sort(value);
    if (field === 'showDiskLoc') return this.showRecordId(value);
    if (!['comment', 'explain', 'hint', 'max', 'maxTimeMS', 'min', 'returnKey'].includes(field)) {
      throw new MongoInvalidArgumentError(`Invalid query modifier: ${name}`);
    }
    return setOption(this, field, value);
  }
}

module.exports = { FindCursor };
