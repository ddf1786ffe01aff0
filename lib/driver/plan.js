'use strict';

/**
 * What a client is made of: its settings, and the background thread's half of it. A store makes a plan before its client,
 * so that the background thread connects while this one loads the client's code.
 */

const { parse } = require('../connection');
const { withNodeDefaults } = require('../connection/node-defaults');
const { MongoInvalidArgumentError, MongoRuntimeError } = require('../errors/client');
const { NativeClient } = require('../native/client');

/**
 * @typedef {object} ClientPlan
 * @property {object} settings as `lib/connection` makes them
 * @property {undefined|object} bson of `lib/connection/bson-options.js`
 * @property {NativeClient} native
 * @property {{uri: string, options: object}} [given] what the application gave, where it gave no client
 */

/**
 * @param {string} uri
 * @param {object} [options] the Node driver's, which win over the URI's
 * @returns {ClientPlan} nothing is opened yet
 * @throws {MongoParseError|MongoAPIError} for what cannot be understood
 */
function planOf(uri, options) {
  const { bson, ...settings } = parse(uri, options);
  return { settings, bson, native: nativeOf(settings, bson), given: { uri, options } };
}

/**
 * @param {object} client the application's, of `lib/connection/from-client.js`
 * @param {object} [writeConcern] in the place of the client's
 * @returns {ClientPlan} of a client with its settings
 * @throws {MongoError} for an option that the store cannot follow
 */
function planOfClient(client, writeConcern) {
  const { settings, bson, knownRecords } = require('../connection/from-client').plan(client, writeConcern);
  return { settings, bson, native: nativeOf(settings, bson, knownRecords) };
}

function nativeOf(settings, bson, knownRecords) {
  return new NativeClient(() => withNodeDefaults(settings), bson, knownRecords);
}

/**
 * What the Node driver finds only when it connects.
 *
 * @param {object} settings
 * @returns {undefined|MongoInvalidArgumentError|MongoRuntimeError} why nobody can connect with these settings
 */
function whyUnusable({ hosts, minPoolSize, maxPoolSize }) {
  if (maxPoolSize > 0 && minPoolSize > maxPoolSize) {
    return new MongoInvalidArgumentError('Connection pool minimum size must not be greater than maximum pool size');
  }
  const empty = hosts?.find(({ host }) => host === '');
  return empty && new MongoRuntimeError(`Unable to parse :${empty.port} with URL`);
}

module.exports = { planOf, planOfClient, whyUnusable };
