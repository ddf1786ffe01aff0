'use strict';

const { MongoOperationTimeoutError } = require('../../errors');
const { ListIndexesCursor } = require('../cursor/list-indexes');
const { runCommand } = require('../execute');
const { indexDescription, indexKeys } = require('../index-specs');
const { resolveOptions } = require('../options');

/** The methods of a collection that are about its indexes. */
module.exports = {
  /**
   * Creates an index unless there is one like it.
   *
   * @param {string|Array|object|Map} indexSpec the keys, in any of the Node driver's forms
   * @param {{name?: string, unique?: boolean, expireAfterSeconds?: number}} [options] of the index
   *   (`expireAfterSeconds` in seconds) and of the command
   * @returns {Promise<string>} the index's name
   */
  async createIndex(indexSpec, options) {
    const resolved = resolveOptions(this, options);
    const [name] = await create(this, [{ ...resolved, key: indexKeys(indexSpec) }], resolved);
    return name;
  },

  /**
   * @param {Array<{key: object|Map}>} indexSpecs each with its options
   * @param {object} [options]
   * @returns {Promise<string[]>} the indexes' names
   */
  async createIndexes(indexSpecs, options) {
    return create(this, indexSpecs, resolveOptions(this, { ...options, maxTimeMS: undefined }));
  },

  /**
   * @param {string} indexName
   * @param {object} [options]
   * @returns {Promise<object>} the server's reply
   */
  async dropIndex(indexName, options) {
    const command = { dropIndexes: this.collectionName, index: indexName };
    return runCommand(this.client, this.dbName, command, resolveOptions(this, options), { write: true });
  },

  /**
   * Drops every index but that on `_id`.
   *
   * @param {object} [options]
   * @returns {Promise<boolean>} false when the server refused, as in the Node driver
   */
  async dropIndexes(options) {
    const command = { dropIndexes: this.collectionName, index: '*' };
    const resolved = resolveOptions(this, options);
    try {
      await runCommand(this.client, this.dbName, command, resolved, { write: true });
      return true;
    } catch (error) {
      if (error instanceof MongoOperationTimeoutError) throw error;
      return false;
    }
  },

  /**
   * @param {object} [options]
   * @returns {ListIndexesCursor}
   */
  listIndexes(options) {
    return new ListIndexesCursor(this, resolveOptions(this, options));
  },

  /**
   * @param {{full?: boolean}} [options] `full: false` gives keys by name instead
   * @returns {Promise<object[]|Object<string, Array>>}
   */
  async indexes(options) {
    const indexes = await this.listIndexes(options).toArray();
    if (options?.full ?? true) return indexes;
    return Object.fromEntries(indexes.map(({ name, key }) => [name, Object.entries(key)]));
  },

  /** As `indexes`, with keys by name unless `full: true` is given. */
  async indexInformation(options) {
    return this.indexes({ ...options, full: options?.full ?? false });
  },

  /**
   * @param {string|string[]} indexes names
   * @param {object} [options]
   * @returns {Promise<boolean>} whether all of them are there
   */
  async indexExists(indexes, options) {
    const there = new Set((await this.listIndexes(options).toArray()).map(({ name }) => name));
    return (Array.isArray(indexes) ? indexes : [indexes]).every((name) => there.has(name));
  }
};

async function create(collection, descriptions, options) {
  const indexes = descriptions.map(indexDescription);
  const command = { createIndexes: collection.collectionName, indexes };
  if (options.commitQuorum != null) command.commitQuorum = options.commitQuorum;
  // A collation belongs to each index.
  const nature = { write: true, ownCollation: true };
  await runCommand(collection.client, collection.dbName, command, options, nature);
  return indexes.map(({ name }) => name || '');
}
