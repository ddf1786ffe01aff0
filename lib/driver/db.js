'use strict';

const { inspect } = require('util');
const { MongoInvalidArgumentError } = require('../errors');
const { lazy } = require('../lazy');
const { Collection } = require('./collection');
const { Namespace } = require('./namespace');
const { resolveOptions } = require('./options');
const { ReadPreference } = require('./read-preference');
const { refuse } = require('./unsupported');

const admin = lazy(() => require('./admin'));
const aggregation = lazy(() => require('./cursor/aggregation'));
const bson = lazy(() => require('bson'));
const execute = lazy(() => require('./execute'));
const lists = lazy(() => require('./cursor/list-collections'));

const defaultPrimaryKeys = { createPk: () => new (bson().ObjectId)() };

/** Options of a `createCollection` call that are not the `create` command's. */
const NOT_OF_CREATE = new Set([
  'w', 'wtimeout', 'timeoutMS', 'j', 'fsync', 'autoIndexId', 'pkFactory', 'raw', 'readPreference', 'session',
  'readConcern', 'writeConcern', 'fieldsAsRaw', 'useBigInt64', 'promoteLongs', 'promoteValues', 'promoteBuffers',
  'bsonRegExp', 'serializeFunctions', 'ignoreUndefined', 'enableUtf8Validation', 'signal'
]);

/** A database; made by `client.db(name)`. */
class Db {
  /**
   * @param {MongoClient} client
   * @param {string} databaseName
   * @param {{readPreference?: *, readConcern?: *, writeConcern?: *, ignoreUndefined?: boolean,
   *   forceServerObjectId?: boolean, pkFactory?: {createPk: function(): *}}} [options]
   * @throws {MongoInvalidArgumentError}
   */
  constructor(client, databaseName, options) {
    if (typeof databaseName !== 'string') {
      throw new MongoInvalidArgumentError(`Database name must be a string; got ${typeof databaseName}`);
    }
    if (databaseName.includes('.')) {
      throw new MongoInvalidArgumentError("Database names cannot contain the character '.'");
    }
    this.client = client;
    const resolved = resolveOptions(client, options);
    Object.defineProperty(this, 's', {
      value: {
        namespace: new Namespace(databaseName),
        options: { ...resolved, pkFactory: options?.pkFactory ?? defaultPrimaryKeys },
        readConcern: resolved.readConcern,
        writeConcern: resolved.writeConcern,
        readPreference: resolved.readPreference
      }
    });
  }

  get databaseName() {
    return this.s.namespace.db;
  }

  get namespace() {
    return this.s.namespace.toString();
  }

  get options() {
    return this.s.options;
  }

  get readConcern() {
    return this.s.readConcern;
  }

  get writeConcern() {
    return this.s.writeConcern;
  }

  get readPreference() {
    return this.s.readPreference;
  }

  get secondaryOk() {
    return this.s.readPreference?.mode !== ReadPreference.PRIMARY;
  }

  get ignoreUndefined() {
    return this.s.options.ignoreUndefined;
  }

  /**
   * @param {string} name
   * @param {object} [options]
   * @returns {Collection} nothing is sent
   */
  collection(name, options = {}) {
    if (typeof options === 'function') {
      throw new MongoInvalidArgumentError('The callback form of this helper has been removed.');
    }
    return new Collection(this, name, resolveOptions(this, options));
  }

  /**
   * Runs a command as it is, without the client's read and write concern.
   *
   * @param {object} command its first key is the command's name
   * @param {{readPreference?: string|ReadPreference}} [options]
   * @returns {Promise<object>} the reply
   */
  async command(command, options) {
    const { readPreference, timeoutMS, session, signal, ignoreUndefined } = options ?? {};
    const resolved = resolveOptions(undefined, { readPreference, timeoutMS, session, signal, ignoreUndefined });
    return execute().runCommand(this.client, this.databaseName, command, resolved, { raw: true });
  }

  /** @returns {Admin} */
  admin() {
    const { Admin } = admin();
    return new Admin(this);
  }

  /**
   * @param {object[]} [pipeline] that begins with a stage of its own, such as `$currentOp`
   * @param {object} [options]
   * @returns {AggregationCursor}
   */
  aggregate(pipeline = [], options) {
    const { AggregationCursor } = aggregation();
    return new AggregationCursor(this.client, this.s.namespace, pipeline, resolveOptions(this, options));
  }

  /**
   * @param {object} [filter] on the descriptions
   * @param {{nameOnly?: boolean}} [options]
   * @returns {ListCollectionsCursor}
   */
  listCollections(filter = {}, options = {}) {
    const { ListCollectionsCursor } = lists();
    return new ListCollectionsCursor(this, filter, resolveOptions(this, options));
  }

  /**
   * @param {object} [options]
   * @returns {Promise<Collection[]>}
   */
  async collections(options) {
    const found = await this.listCollections({}, { ...options, nameOnly: true }).toArray();
    return found
      .filter(({ name }) => !name.includes('$'))
      .map(({ name }) => new Collection(this, name, this.s.options));
  }

  /**
   * @param {string} name
   * @param {object} [options] of the `create` command
   * @returns {Promise<Collection>}
   */
  async createCollection(name, options) {
    const resolved = resolveOptions(this, options);
    const command = { create: name };
    for (const [key, value] of Object.entries(options ?? {})) {
      if (value != null && typeof value !== 'function' && !NOT_OF_CREATE.has(key)) command[key] = value;
    }
    await execute().runCommand(this.client, this.databaseName, command, resolved, { write: true });
    return new Collection(this, name, resolved);
  }

  /**
   * @param {string} name
   * @param {object} [options]
   * @returns {Promise<boolean>} true
   */
  async dropCollection(name, options) {
    const resolved = resolveOptions(this, options);
    await execute().runCommand(this.client, this.databaseName, { drop: name }, resolved, { write: true });
    return true;
  }

  /**
   * @param {string} from
   * @param {string} to
   * @param {{dropTarget?: boolean}} [options]
   * @returns {Promise<Collection>} the collection under its new name
   */
  async renameCollection(from, to, options) {
    return this.collection(from).rename(to, options);
  }

  /**
   * @param {object} [options]
   * @returns {Promise<boolean>} true
   */
  async dropDatabase(options) {
    const resolved = resolveOptions(this, options);
    await execute().runCommand(this.client, this.databaseName, { dropDatabase: 1 }, resolved, { write: true });
    return true;
  }

  /**
   * @param {{scale?: number}} [options] bytes by default
   * @returns {Promise<object>}
   */
  async stats(options) {
    const command = { dbStats: true };
    if (options?.scale != null) command.scale = options.scale;
    return execute().runCommand(this.client, this.databaseName, command, resolveOptions(this, options));
  }

  /** As `collection(name).createIndex`. */
  async createIndex(name, indexSpec, options) {
    return this.collection(name).createIndex(indexSpec, options);
  }

  /** As `collection(name).indexInformation`. */
  async indexInformation(name, options) {
    return this.collection(name).indexInformation(options);
  }

  [inspect.custom]() {
    return `Db { databaseName: '${this.databaseName}' }`;
  }
}

refuse(Db, {
  throwing: ['watch', 'runCursorCommand'],
  rejecting: ['removeUser', 'setProfilingLevel', 'profilingLevel']
});

module.exports = { Db };
