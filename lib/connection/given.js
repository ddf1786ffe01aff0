'use strict';

/** What was given, by option: the values of `connectionOptions` first, then those of the URI. */

const { MongoCompatibilityError, MongoParseError } = require('../errors/client');
const { TABLE } = require('./table');
const { checkTls } = require('./tls');

/** Options by lower-case name: names in connection strings have no case. */
const NAMES = new Map(Object.keys(TABLE).map((name) => [name.toLowerCase(), name]));

/** Names as they stand, for messages; the Node driver shows them in lower case. */
function unsupported(names) {
  const [word, verb] = names.length > 1 ? ['options', 'are'] : ['option', 'is'];
  return new MongoParseError(`${word} ${names.join(', ')} ${verb} not supported`);
}

function fromUri({ username, password, database, options }) {
  const given = new Map(options);
  if (given.has('serverapi')) {
    throw new MongoParseError('URI cannot contain `serverApi`, it can only be passed to the client');
  }
  if (/(^|,)ALLOWED_HOSTS:/.test(given.get('authmechanismproperties')?.[0] ?? '')) {
    throw new MongoParseError('Auth mechanism property ALLOWED_HOSTS is not allowed in the connection string.');
  }
  // The path comes first, as in the Node driver; a `dbName` in the query is a second value.
  if (database) given.set('dbname', [database]);
  if (username !== '') given.set('auth', [{ username, password: password ?? '' }]);
  return given;
}

function fromObject(options) {
  const given = new Map();
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== null) given.set(name.toLowerCase(), [value]);
  }
  if (given.has('loadbalanced')) throw new MongoParseError('loadBalanced is only a valid option in the URI');
  return given;
}

/**
 * @param {object} url of `parseUri`
 * @param {object} options
 * @returns {Map<string, Array>} values by option, named as in the table
 * @throws {MongoParseError} for unknown options
 * @throws {MongoCompatibilityError} for those that are not supported here
 */
function collect(url, options) {
  const inUri = fromUri(url);
  const inObject = fromObject(options);
  for (const named of [inUri, inObject]) {
    // What options used to be called is no name of an option today.
    if (!isOfToday(named)) require('./legacy').translateLegacy(named);
  }
  const names = new Set([...inUri.keys(), ...inObject.keys()]);
  const given = new Map();
  for (const name of names) {
    if (NAMES.has(name)) given.set(NAMES.get(name), [...(inObject.get(name) ?? []), ...(inUri.get(name) ?? [])]);
  }
  checkTls(given);
  const unknown = [...names].filter((name) => !NAMES.has(name));
  if (unknown.length > 0) throw unsupported(unknown);
  for (const [option, values] of given) {
    const { use, note } = TABLE[option];
    if (use === 'refused' && !isHarmless(TABLE[option], values[0])) {
      throw new MongoCompatibilityError(`option ${option} is not supported by this store: ${note}`);
    }
    if (use === 'ignored' || use === 'refused') given.delete(option);
  }
  return given;
}

function isOfToday(given) {
  return [...given.keys()].every((name) => NAMES.has(name));
}

/** Whether a refused option has the value that means what happens anyway. */
function isHarmless({ harmless }, value) {
  return harmless !== undefined && (value === harmless || value === String(harmless));
}

module.exports = { collect };
