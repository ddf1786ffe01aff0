'use strict';

const { inspect } = require('util');
const { MongoAPIError } = require('../../errors');
const { lazy, lazyMethods } = require('../../lazy');
const { ReadConcern, WriteConcern } = require('../concerns');
const { Namespace } = require('../namespace');
const { resolveOptions } = require('../options');
const { ReadPreference } = require('../read-preference');
const { refuse } = require('../unsupported');

const execute = lazy(() => require('../execute'));

/** A collection of a database; made by `db.collection(name)`. */
class Collection {
  /**
   * @param {Db} db
   * @param {string} name the server checks it
   * @param {object} [options]
   */
  constructor(db, name, options) {
    this.db = db;
    this.client = db.client;
    Object.defineProperty(this, 's', {
      value: {
        namespace: new Namespace(db.databaseName, name),
        options,
        readConcern: ReadConcern.fromOptions(options),
        writeConcern: WriteConcern.fromOptions(options),
        readPreference: ReadPreference.fromOptions(options)
      }
    });
  }

  get dbName() {
    return this.s.namespace.db;
  }

  get collectionName() {
    return this.s.namespace.collection;
  }

  /** @returns {string} e.g. `test.sessions` */
  get namespace() {
    return this.s.namespace.toString();
  }

  get readConcern() {
    return this.s.readConcern ?? this.db.readConcern;
  }

  get writeConcern() {
    return this.s.writeConcern ?? this.db.writeConcern;
  }

  get readPreference() {
    return this.s.readPreference ?? this.db.readPreference;
  }

  get ignoreUndefined() {
    return this.s.options?.ignoreUndefined ?? this.db.ignoreUndefined;
  }

  /**
   * @param {object} [options]
   * @returns {Promise<boolean>} true
   */
  async drop(options) {
    return this.db.dropCollection(this.collectionName, options);
  }

  /**
   * @param {string} newName
   * @param {{dropTarget?: boolean}} [options]
   * @returns {Promise<Collection>} the collection under its new name
   */
  async rename(newName, options) {
    const command = {
      renameCollection: this.namespace,
      to: new Namespace(this.dbName, newName).toString(),
      dropTarget: typeof options?.dropTarget === 'boolean' ? options.dropTarget : false
    };
    await execute().runCommand(this.client, 'admin', command, resolveOptions(undefined, options), { write: true });
    return new Collection(this.db, newName, this.s.options);
  }

  /**
   * @param {object} [options]
   * @returns {Promise<object>} what the collection was created with
   * @throws {MongoAPIError} when it does not exist
   */
  async options(options) {
    const [found] = await this.db
      .listCollections({ name: this.collectionName }, { ...options, nameOnly: false })
      .toArray();
    if (found?.options == null) throw new MongoAPIError(`collection ${this.namespace} not found`);
    return found.options;
  }

  /** @returns {Promise<boolean>} */
  async isCapped(options) {
    const { capped } = await this.options(options);
    return Boolean(capped);
  }

  [inspect.custom]() {
    return `Collection { namespace: '${this.namespace}' }`;
  }
}

lazyMethods(
  Collection.prototype,
  ['find', 'findOne', 'aggregate', 'countDocuments', 'estimatedDocumentCount', 'count', 'distinct'],
  () => require('./reads')
);
lazyMethods(
  Collection.prototype,
  [
    'insertOne', 'insertMany', 'bulkWrite', 'updateOne', 'updateMany', 'replaceOne', 'deleteOne', 'deleteMany'
  ],
  () => require('./writes')
);
lazyMethods(
  Collection.prototype,
  ['findOneAndDelete', 'findOneAndReplace', 'findOneAndUpdate'],
  () => require('./find-and-modify').methods
);
lazyMethods(
  Collection.prototype,
  [
    'createIndex', 'createIndexes', 'dropIndex', 'dropIndexes', 'listIndexes', 'indexes', 'indexInformation',
    'indexExists'
  ],
  () => require('./indexes')
);

refuse(Collection, {
  throwing: ['watch', 'initializeOrderedBulkOp', 'initializeUnorderedBulkOp', 'listSearchIndexes'],
  rejecting: ['createSearchIndex', 'createSearchIndexes', 'dropSearchIndex', 'updateSearchIndex']
});

module.exports = { Collection };
