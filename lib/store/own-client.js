'use strict';

/**
 * A store's own client, which its operations go through: `store.client` itself, or one with the settings of the client
 * that the application gave (the option `client`), which is `store.client` then.
 */

const { MongoClient } = require('../driver/client');
const { Collection } = require('../driver/collection');

/** The methods that the original calls, and that applications replace. */
const METHODS = ['createIndex', 'deleteMany', 'deleteOne', 'find', 'countDocuments', 'findOne', 'updateOne'];
const methodsOf = (object) => Object.fromEntries(METHODS.map((name) => [name, object[name]]));

/** The facade's own methods: what else stands in their place was put there on purpose. */
const FACADE = methodsOf(Collection.prototype);

/**
 * @param {object} options of the store, cast
 * @param {undefined|{client: object, databaseName: string}} application the application's client
 * @returns {{own: {client: MongoClient, db: Db, collection: Collection}, documented: {client: object, db: object,
 *   collection: object}, methods: object}} what the store works with; what its properties are; and the methods of its
 *   collection as they were, by name
 */
function openClient(options, application) {
  if (application === undefined) {
    const own = within(new MongoClient(options.uri, options.connectionOptions), options.databaseName ?? undefined, options);
    return { own, documented: own, methods: FACADE };
  }
  const client = fromApplication(application.client, options.writeConcern);
  const databaseName = options.databaseName ?? application.databaseName ?? client.options.dbName;
  const documented = within(application.client, databaseName, options);
  return { own: within(client, databaseName, options), documented, methods: methodsOf(documented.collection) };
}

function within(client, databaseName, options) {
  const db = client.db(databaseName);
  return { client, db, collection: db.collection(options.collection) };
}

function fromApplication(client, writeConcern) {
  require('../codec/bson').useDriverOf(client);
  return new MongoClient(require('../connection/from-client').plan(client, writeConcern));
}

module.exports = { openClient };
