'use strict';

/** Who connects: `auth`, `authMechanism`, `authMechanismProperties`, `authSource`, and the URI's user. */

const { MongoAPIError, MongoCompatibilityError, MongoMissingCredentialsError, MongoParseError } = require('../errors/client');
const { isRecord, pairs, toBoolean } = require('./coerce');
const { lazy } = require('../lazy');

const aws = lazy(() => require('./aws'));
const oidc = lazy(() => require('./oidc'));

const MECHANISMS = [
  'MONGODB-AWS', 'MONGODB-CR', 'DEFAULT', 'GSSAPI', 'PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'MONGODB-X509', 'MONGODB-OIDC'
];
/** Mechanisms whose users are in no database, so that DNS has no say in which. */
const EXTERNAL = ['GSSAPI', 'MONGODB-AWS', 'MONGODB-OIDC', 'MONGODB-X509'];
const NEED_USER = ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'];

const REFUSED = {
  GSSAPI: 'Kerberos needs libraries that this package does not bring; use SCRAM-SHA-256, MONGODB-X509 or PLAIN',
  'MONGODB-CR': 'servers since 4.0 do not have it; use SCRAM-SHA-256'
};

/** A whole word of a mechanism's name is enough, in any letter case, as in the Node driver: `X509`, `scram-sha-256`. */
function mechanismOf(value) {
  const words = new RegExp(`\\b${String(value).replace(/[^\w-]/g, '\\$&')}\\b`, 'i');
  const found = MECHANISMS.find((name) => words.test(name));
  if (!found) throw new MongoParseError(`authMechanism one of ${MECHANISMS}, got ${value}`);
  if (REFUSED[found]) throw new MongoCompatibilityError(`authMechanism ${found} is not supported: ${REFUSED[found]}`);
  return found;
}

function propertiesOf(values) {
  let properties = {};
  for (const value of values) {
    if (typeof value !== 'string') {
      if (!isRecord(value)) throw new MongoParseError('AuthMechanismProperties must be an object');
      properties = { ...value };
      continue;
    }
    for (const [key, text] of pairs(value)) {
      properties[key] = text === 'true' || text === 'false' ? toBoolean(key, text) : text;
    }
  }
  return properties;
}

function account(given) {
  if (!given.has('auth')) return {};
  const value = given.get('auth')[0];
  if (!isRecord(value, ['username', 'password'])) {
    throw new MongoParseError("auth must be an object with 'username' and 'password' properties");
  }
  return value;
}

/**
 * @param {Map<string, Array>} given values by option, `connectionOptions` first, then the URI's
 * @param {string} database the URI's, or empty
 * @param {boolean} srv whether DNS may name the source
 * @returns {object|undefined} the `credential` of the settings
 */
function credentialOf(given, database, srv) {
  const named = ['auth', 'authMechanism', 'authMechanismProperties', 'authSource'];
  if (!named.some((name) => given.has(name))) return undefined;
  const { username = '', password = '' } = account(given);
  const mechanism = given.has('authMechanism') ? mechanismOf(given.get('authMechanism')[0]) : 'DEFAULT';
  const mechanismProperties = propertiesOf(given.get('authMechanismProperties') ?? []);
  const explicit = given.get('authSource')?.[0];
  const source = sourceOf(mechanism, explicit === undefined ? undefined : String(explicit), database);
  validate(mechanism, String(username), password, source);
  if (mechanism === 'MONGODB-OIDC') {
    return { source, mechanism, ...(username !== '' && { username: String(username) }), ...oidc().oidcCredential(String(username), password, mechanismProperties) };
  }
  if (mechanism === 'MONGODB-AWS') {
    return { source, mechanism, ...aws().awsCredential(String(username), String(password), mechanismProperties) };
  }
  if (mechanism === 'DEFAULT' && username === '' && password === '' && Object.keys(mechanismProperties).length === 0) {
    return undefined;
  }
  const credential = { source };
  if (username !== '') credential.username = String(username);
  if (mechanism !== 'MONGODB-X509') credential.password = String(password);
  if (mechanism !== 'DEFAULT') credential.mechanism = mechanism;
  if (Object.keys(mechanismProperties).length > 0) credential.mechanismProperties = mechanismProperties;
  // What the TXT record says wins over the database of the URI, and over no option; Atlas relies on it.
  if (srv && explicit === undefined && !EXTERNAL.includes(mechanism)) {
    delete credential.source;
    credential.sourceWithoutDns = source;
  }
  return credential;
}

function sourceOf(mechanism, explicit, database) {
  if (explicit !== undefined) return explicit;
  if (EXTERNAL.includes(mechanism)) return '$external';
  if (database) return database;
  return mechanism === 'PLAIN' ? '$external' : 'admin';
}

function validate(mechanism, username, password, source) {
  if (NEED_USER.includes(mechanism) && !username) {
    throw new MongoMissingCredentialsError(`Username required for mechanism '${mechanism}'`);
  }
  if (mechanism === 'MONGODB-AWS') {
    if (source !== '$external') throw new MongoAPIError(`Invalid source '${source}' for mechanism '${mechanism}' specified.`);
  }
  if (mechanism === 'MONGODB-OIDC' && source !== '$external') {
    throw new MongoAPIError(`Invalid source '${source}' for mechanism '${mechanism}' specified.`);
  }
  if (mechanism === 'MONGODB-X509') {
    if (source !== '$external') {
      throw new MongoParseError(`authMechanism ${mechanism} requires an authSource of '$external'`);
    }
    if (password) throw new MongoAPIError('Password not allowed for mechanism MONGODB-X509');
  }
}

module.exports = { EXTERNAL, credentialOf };
