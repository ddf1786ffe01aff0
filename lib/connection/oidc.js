'use strict';

/**
 * Where the tokens of `MONGODB-OIDC` come from: a callback of the application, or what the environment offers, as in the
 * Node driver. Both run here; the background thread asks for a token when it logs in (`lib/native/login-questions.js`).
 */

const crypto = require('crypto');
const { MongoInvalidArgumentError, MongoMissingCredentialsError } = require('../errors');
const { lazy } = require('../lazy');
const { LOGIN_SOURCE } = require('./login-source');

const environments = lazy(() => require('./oidc-environments'));

const ENVIRONMENTS = ['test', 'azure', 'gcp', 'k8s'];
const WITH_RESOURCE = ['azure', 'gcp'];
const RESULT_PROPERTIES = ['accessToken', 'expiresInSeconds', 'refreshToken'];
const ALLOWED_HOSTS = ['*.mongodb.net', '*.mongodb-qa.net', '*.mongodb-dev.net', '*.mongodbgov.net', 'localhost', '127.0.0.1', '::1'];

/** Pools are of this thread's, as its callbacks are. */
const thread = crypto.randomUUID();
/** @type {WeakMap<Function, string>} */
const ids = new WeakMap();

/**
 * @param {string} username
 * @param {string} password
 * @param {object} properties `authMechanismProperties`
 * @returns {object} the part of a credential that is about tokens
 * @throws {MongoInvalidArgumentError} as the Node driver does
 */
function oidcCredential(username, password, properties) {
  checkProperties(username, password, properties);
  const { ENVIRONMENT: environment, TOKEN_RESOURCE: resource, OIDC_CALLBACK: machine, OIDC_HUMAN_CALLBACK: person } = properties;
  const callback = person || machine || undefined;
  const known = { ...(username && { username }), ...(resource && { tokenAudience: resource }) };
  // A callback goes before an environment.
  const give = callback ?? environments()[environment];
  const human = Boolean(person);
  return {
    tokens: { id: `${thread} ${callback ? idOf(callback) : environment} ${JSON.stringify(known)}`, human },
    ...(human && { mechanismProperties: { ALLOWED_HOSTS: properties.ALLOWED_HOSTS ?? ALLOWED_HOSTS } }),
    [LOGIN_SOURCE]: { answer: (question, timeoutContext) => answer(give, { ...question, ...known, timeoutContext }) }
  };
}

function checkProperties(username, password, properties) {
  const { ENVIRONMENT: environment, TOKEN_RESOURCE: resource, ALLOWED_HOSTS: hosts } = properties;
  const refuse = (condition, message) => {
    if (condition) throw new MongoInvalidArgumentError(message);
  };
  refuse(
    username && environment && environment !== 'azure',
    `username and ENVIRONMENT '${environment}' may not be used together for mechanism 'MONGODB-OIDC'.`
  );
  refuse(username && password, `No password is allowed in ENVIRONMENT '${environment}' for 'MONGODB-OIDC'.`);
  refuse(
    WITH_RESOURCE.includes(environment) && !resource,
    'TOKEN_RESOURCE must be set in the auth mechanism properties when ENVIRONMENT is azure or gcp.'
  );
  refuse(
    environment && !ENVIRONMENTS.includes(environment),
    `Currently only a ENVIRONMENT in ${ENVIRONMENTS} is supported for mechanism 'MONGODB-OIDC'.`
  );
  const callbacks = ['OIDC_CALLBACK', 'OIDC_HUMAN_CALLBACK'].filter((name) => properties[name]);
  refuse(
    !environment && callbacks.length === 0,
    "Either a ENVIRONMENT, OIDC_CALLBACK, or OIDC_HUMAN_CALLBACK must be specified for mechanism 'MONGODB-OIDC'."
  );
  for (const name of callbacks) {
    const { [name]: callback } = properties;
    refuse(typeof callback !== 'function', `${name} must be a function; got a value of type ${typeof callback}`);
  }
  refuse(
    hosts && !(Array.isArray(hosts) && hosts.every((host) => typeof host === 'string')),
    'Auth mechanism property ALLOWED_HOSTS must be an array of strings.'
  );
}

/** @returns {Promise<object>} the token, or why there is none; never rejects */
async function answer(give, params) {
  try {
    const result = await give(params);
    const isResult = typeof result === 'object' && result !== null && 'accessToken' in result;
    if (!isResult || !Object.getOwnPropertyNames(result).every((name) => RESULT_PROPERTIES.includes(name))) {
      throw new MongoMissingCredentialsError('User provided OIDC callbacks must return a valid object with an accessToken.');
    }
    const { accessToken, expiresInSeconds, refreshToken } = result;
    return {
      accessToken: String(accessToken),
      ...(Number.isFinite(expiresInSeconds) && { expiresInSeconds }),
      ...(refreshToken != null && { refreshToken: String(refreshToken) })
    };
  } catch (reason) {
    return { error: reason instanceof Error ? reason.message : String(reason) };
  }
}

/** Stores with one callback share their connections, as those with equal settings do. */
function idOf(callback) {
  if (!ids.has(callback)) ids.set(callback, crypto.randomUUID());
  return ids.get(callback);
}

module.exports = { oidcCredential };
