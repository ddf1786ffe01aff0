'use strict';

const { inspect } = require('util');
const { MongoInvalidArgumentError } = require('../errors');
const { lazy } = require('../lazy');
const { Collection } = require('./collection');
const { driverOption } = require('./driver-options');
const { forwardByOptions, forwardMethods } = require('./forward');
const { Namespace } = require('./namespace');
const { resolveOptions } = require('./options');
const { ReadPreference } = require('./read-preference');

const admin = lazy(() => require('./admin'));
const bson = lazy(() => require('../codec/bson'));
const execute = lazy(() => require('./execute'));
const lists = lazy(() => require('./cursor/list-collections'));

const defaultPrimaryKeys = { createPk: () => new (bson().objectIdClass())() };

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
        /** The Node driver's database of the same name and options; `what` is to be forwarded to it. */
        counterpart: (what) => client.s.counterpart(what).db(databaseName, options),
        driverOption: driverOption(options),
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
    return new Collection(this, name, options);
  }

  /**
   * Runs a command as it is, without the client's read and write concern.
   *
   * @param {object} command its first key is the command's name
   * @param {{readPreference?: string|ReadPreference}} [options]
   * @returns {Promise<object>} the reply
   */
  async command(command, options) {
    const { readPreference, timeoutMS, ignoreUndefined } = options ?? {};
    const resolved = resolveOptions(undefined, { readPreference, timeoutMS, ignoreUndefined });
    return execute().runCommand(this.client, this.databaseName, command, resolved, { raw: true });
  }

  /** @returns {Admin} */
  admin() {
    const { Admin } = admin();
    return new Admin(this);
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
   * @returns {Promise<boolean>} true
   */
  async dropDatabase(options) {
    const resolved = resolveOptions(this, options);
    await execute().runCommand(this.client, this.databaseName, { dropDatabase: 1 }, resolved, { write: true });
    return true;
  }

  [inspect.custom]() {
    return `Db { databaseName: '${this.databaseName}' }`;
  }
}

forwardByOptions(Db, { returning: { listCollections: 1 }, promising: { command: 1, dropDatabase: 0 } });
forwardMethods(Db, {
  returning: ['aggregate', 'watch', 'runCursorCommand'],
  promising: [
    'createCollection', 'collections', 'dropCollection', 'renameCollection', 'createIndex', 'indexInformation', 'stats',
    'removeUser', 'setProfilingLevel', 'profilingLevel'
  ]
});

module.exports = { Db };
