'use strict';

const { openCursor, runCommand } = require('../execute');
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
   * @param {{full?: boolean}} [options] `full: false` gives keys by name instead
   * @returns {Promise<object[]|Object<string, Array>>}
   */
  async indexes(options) {
    const resolved = resolveOptions(this, options);
    const command = { listIndexes: this.collectionName, cursor: {} };
    if (resolved.comment !== undefined) command.comment = resolved.comment;
    const cursor = await openCursor(this.client, this.dbName, command, resolved, { idempotent: true });
    const indexes = [];
    for (let batch = await cursor.nextBatch(); batch !== null; batch = await cursor.nextBatch()) indexes.push(...batch);
    if (options?.full ?? true) return indexes;
    return Object.fromEntries(indexes.map(({ name, key }) => [name, Object.entries(key)]));
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
