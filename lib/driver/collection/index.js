'use strict';

const { inspect } = require('util');
const { lazy, lazyMethods } = require('../../lazy');
const { ReadConcern, WriteConcern } = require('../concerns');
const { driverOption } = require('../driver-options');
const { forwardByOptions, forwardMethods } = require('../forward');
const { Namespace } = require('../namespace');
const { resolveOptions } = require('../options');
const { ReadPreference } = require('../read-preference');

const execute = lazy(() => require('../execute'));
const stepByStep = lazy(() => require('./step-by-step'));

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
    const resolved = resolveOptions(db, options);
    Object.defineProperty(this, 's', {
      value: {
        /** The Node driver's collection of the same name and options; `what` is to be forwarded to it. */
        counterpart: (what) => db.s.counterpart(what).collection(name, options),
        driverOption: driverOption(options) ?? db.s.driverOption,
        namespace: new Namespace(db.databaseName, name),
        options: resolved,
        readConcern: ReadConcern.fromOptions(resolved),
        writeConcern: WriteConcern.fromOptions(resolved),
        readPreference: ReadPreference.fromOptions(resolved)
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
    const command = { drop: this.collectionName };
    await execute().runCommand(this.client, this.dbName, command, resolveOptions(this, options), { write: true });
    return true;
  }

  /** @returns {StepByStep} a bulk of writes, of which the first that fails is the last */
  initializeOrderedBulkOp(options) {
    return bulkOf(this, 'initializeOrderedBulkOp', options);
  }

  /** @returns {StepByStep} a bulk of writes in any order */
  initializeUnorderedBulkOp(options) {
    return bulkOf(this, 'initializeUnorderedBulkOp', options);
  }

  [inspect.custom]() {
    return `Collection { namespace: '${this.namespace}' }`;
  }
}

function bulkOf(collection, method, options) {
  const what = `Collection.${method}()`;
  const counterpart = collection.s.counterpart(what);
  const { StepByStep } = stepByStep();
  return new StepByStep(async () => {
    await collection.client.s.node.connected(what);
    return counterpart[method](options);
  });
}

lazyMethods(
  Collection.prototype,
  ['find', 'findOne', 'aggregate', 'countDocuments', 'estimatedDocumentCount', 'distinct'],
  () => require('./reads')
);
lazyMethods(
  Collection.prototype,
  ['insertOne', 'insertMany', 'updateOne', 'updateMany', 'replaceOne', 'deleteOne', 'deleteMany'],
  () => require('./writes')
);
lazyMethods(
  Collection.prototype,
  ['findOneAndDelete', 'findOneAndReplace', 'findOneAndUpdate'],
  () => require('./find-and-modify').methods
);
lazyMethods(Collection.prototype, ['createIndex', 'createIndexes', 'dropIndex', 'indexes'], () => require('./indexes'));

forwardByOptions(Collection, {
  returning: { find: 1, aggregate: 1 },
  promising: {
    findOne: 1, countDocuments: 1, estimatedDocumentCount: 0, distinct: 2, insertOne: 1, insertMany: 1, updateOne: 2,
    updateMany: 2, replaceOne: 2, deleteOne: 1, deleteMany: 1, findOneAndDelete: 1, findOneAndReplace: 2,
    findOneAndUpdate: 2, createIndex: 1, createIndexes: 1, dropIndex: 1, indexes: 0, drop: 0
  }
});
forwardMethods(Collection, {
  returning: ['watch', 'listIndexes', 'listSearchIndexes'],
  promising: [
    'bulkWrite', 'count', 'rename', 'options', 'isCapped', 'dropIndexes', 'indexInformation', 'indexExists',
    'createSearchIndex', 'createSearchIndexes', 'dropSearchIndex', 'updateSearchIndex'
  ]
});

/** The methods that the original's store calls, and that applications replace, as they are here. */
const OWN_METHODS = methodsOf(Collection.prototype);

/** @returns {Object<string, Function>} those methods of a collection, or of whatever an application has put in its place */
function methodsOf(collection) {
  const names = ['createIndex', 'deleteMany', 'deleteOne', 'find', 'countDocuments', 'findOne', 'updateOne'];
  return Object.fromEntries(names.map((name) => [name, collection[name]]));
}

module.exports = { Collection, OWN_METHODS, methodsOf };
