'use strict';

/**
 * A store's own client, which its operations go through: `store.client` itself, or one with the settings of the client
 * that the application gave (the option `client`), which is `store.client` then.
 */

const { planOf, planOfClient, whyUnusable } = require('../driver/plan');

/**
 * Opens the client. One of a connection string begins to connect at once, and only then is the rest of what a store needs
 * loaded, with the client's own code to begin with: the one takes as long as the other.
 *
 * @param {object} options of the store, cast
 * @param {undefined|{client: object, databaseName: string}} application the application's client
 * @returns {{own: {client: MongoClient, db: Db, collection: Collection}, documented: {client: object, db: object,
 *   collection: object}, methods: object}} what the store works with; what its properties are; and the methods of its
 *   collection as they were, by name
 * @throws {MongoParseError|MongoAPIError} for connection options that cannot be understood
 */
function openClient(options, application) {
  if (application === undefined) return openOwn(options);
  const { methodsOf } = require('../driver/collection');
  const client = fromApplication(application.client, options.writeConcern);
  const databaseName = options.databaseName ?? application.databaseName ?? client.options.dbName;
  const documented = within(application.client, databaseName, options);
  return { own: within(client, databaseName, options), documented, methods: methodsOf(documented.collection) };
}

function openOwn(options) {
  const plan = planOf(options.uri, options.connectionOptions);
  const giveUp = whyUnusable(plan.settings) === undefined ? plan.native.beginConnecting() : () => {};
  try {
    const { MongoClient } = require('../driver/client');
    const { OWN_METHODS } = require('../driver/collection');
    const own = within(new MongoClient(plan), options.databaseName ?? undefined, options);
    return { own, documented: own, methods: OWN_METHODS };
  } catch (error) {
    // There will be no store that closes it.
    giveUp();
    throw error;
  }
}

function within(client, databaseName, options) {
  const db = client.db(databaseName);
  return { client, db, collection: db.collection(options.collection) };
}

function fromApplication(client, writeConcern) {
  require('../codec/bson').useDriverOf(client);
  const { MongoClient } = require('../driver/client');
  return new MongoClient(planOfClient(client, writeConcern));
}

module.exports = { openClient };
