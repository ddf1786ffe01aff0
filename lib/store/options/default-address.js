'use strict';

/**
 * A store that connects to the default address though its user meant another one: the environment variable was not
 * set, or the address was given as an option that there is not.
 */

const { warnOnce } = require('../warnings');

/** Unknown options, in lower case, that say where the sessions are. */
const PLACES = new Set([
  'client', 'clientpromise', 'connection', 'connectionstring', 'connectionuri', 'mongoose', 'mongooseconnection', 'mongoclient',
  'mongouri', 'mongourl', 'url'
]);

/** Why a store's address is the default, by its options. */
const reasons = new WeakMap();

/**
 * Warns where the default address is probably not the one that was meant.
 *
 * @param {object} options of the store, cast
 * @param {object} given as the application gave them
 * @param {string[]} unknown the names among them that are no options
 */
function noteDefaultAddress(options, given, unknown) {
  if (given.uri !== undefined && given.uri !== null) return;
  const reason = reasonFor(given, unknown);
  if (reason === undefined) return;
  reasons.set(options, reason);
  warnOnce('MONGODB_STORE_DEFAULT_ADDRESS', `MongoDBStore connects to its default address, ${options.uri}, because ${reason}`, reason);
}

function reasonFor(given, unknown) {
  const place = unknown.find((name) => PLACES.has(name.toLowerCase()));
  if ('uri' in given) return `the option \`uri\` was given and is ${given.uri}: is an environment variable missing?`;
  return place && `the option \`uri\` is not given, and \`${place}\` has no effect`;
}

/**
 * @param {object} options of a store, cast
 * @returns {string} what to add to the error of a connection that failed; empty for an address that was chosen
 */
function addressNote(options) {
  const reason = reasons.get(options);
  return reason === undefined ? '' : ` (the address is the default, because ${reason})`;
}

module.exports = { addressNote, noteDefaultAddress };
