'use strict';

/**
 * Logins by `MONGODB-AWS`: signs, as the account of AWS that logs in, a request to AWS that only asks who has signed it.
 * The server has AWS answer it. The background thread speaks with the server (`src/relay/aws.rs`); the account's secret
 * stays here.
 *
 * Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

const crypto = require('crypto');
const { MongoInvalidArgumentError, MongoMissingCredentialsError } = require('../errors');
const { lazy } = require('../lazy');
const { LOGIN_SOURCE } = require('./login-source');

const providers = lazy(() => require('./aws-credentials'));

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
const SERVICE = 'sts';
const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Pools are of this thread's, as the functions are that give credentials. */
const key = crypto.randomBytes(32);
/** @type {WeakMap<Function, string>} */
const ids = new WeakMap();

/**
 * @typedef {object} AwsCredentials as the AWS SDK gives them
 * @property {string} accessKeyId
 * @property {string} secretAccessKey
 * @property {string} [sessionToken] of temporary ones
 */

/**
 * @param {string} username an access key id, or empty
 * @param {string} password its secret access key
 * @param {object} properties `authMechanismProperties`
 * @returns {object} the part of a credential that is about signatures
 * @throws {MongoInvalidArgumentError} where `AWS_CREDENTIAL_PROVIDER` is no function
 * @throws {MongoMissingCredentialsError} where there is an access key without its secret
 */
function awsCredential(username, password, properties) {
  const { id, give } = sourceOf(username, password, properties);
  return {
    signatures: { id },
    [LOGIN_SOURCE]: { answer: (question) => answer(give, question) }
  };
}

/** The first that there is, of what was given and of the environment; else whoever the environment can be asked for. */
function sourceOf(username, password, { AWS_SESSION_TOKEN: token, AWS_CREDENTIAL_PROVIDER: provider }) {
  if (username !== '') return fixed(username, password, token);
  if (provider !== undefined && provider !== null) {
    if (typeof provider !== 'function') {
      throw new MongoInvalidArgumentError(`AWS_CREDENTIAL_PROVIDER must be a function; got a value of type ${typeof provider}`);
    }
    return { id: idOf(provider), give: () => provider() };
  }
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: ofEnvironment } = process.env;
  if (id) return fixed(id, secret, token ?? ofEnvironment);
  return { id: 'environment', give: (again) => providers().fromEnvironment(again) };
}

function fixed(accessKeyId, secretAccessKey, sessionToken) {
  if (!secretAccessKey) {
    throw new MongoMissingCredentialsError('When using MONGODB-AWS password must be set when a username is specified');
  }
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken: String(sessionToken) }) };
  return { id: hmac(key, JSON.stringify(credentials)).toString('hex'), give: () => credentials };
}

/** Stores with one function share their connections, as those with equal settings do. */
function idOf(provider) {
  if (!ids.has(provider)) ids.set(provider, crypto.randomUUID());
  return ids.get(provider);
}

/**
 * @param {function(boolean): AwsCredentials|Promise<AwsCredentials>} give gets whether the server has refused what it gave last
 * @param {object} question of the background thread
 * @returns {Promise<object>} the signature, or why there is none; never rejects
 */
async function answer(give, { again, ...challenge }) {
  try {
    const credentials = await give(again);
    if (!credentials?.accessKeyId || !credentials.secretAccessKey) {
      return { failure: { kind: 'missing', message: 'Could not obtain temporary MONGODB-AWS credentials' } };
    }
    return { signature: sign(credentials, challenge) };
  } catch (reason) {
    return { failure: { kind: 'failed', message: reason instanceof Error ? reason.message : String(reason) } };
  }
}

/**
 * @param {AwsCredentials} credentials
 * @param {{host: string, nonce: string, now: number}} challenge the server's, with the time in ms since 1970
 * @returns {{authorization: string, date: string, token?: string}} what the server has AWS judge
 */
function sign({ accessKeyId, secretAccessKey, sessionToken }, { host, nonce, now }) {
  const date = new Date(Number(now)).toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = [date.slice(0, 8), regionOf(host), SERVICE, 'aws4_request'];
  // In the order of their names, as they are signed.
  const headers = {
    'content-length': BODY.length,
    'content-type': 'application/x-www-form-urlencoded',
    host,
    'x-amz-date': date,
    ...(sessionToken && { 'x-amz-security-token': sessionToken }),
    'x-mongodb-gs2-cb-flag': 'n',
    'x-mongodb-server-nonce': nonce
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join('');
  const request = ['POST', '/', '', lines, names, sha256(BODY)].join('\n');
  const text = [ALGORITHM, date, scope.join('/'), sha256(request)].join('\n');
  const signature = hmac(scope.reduce(hmac, `AWS4${secretAccessKey}`), text).toString('hex');
  return {
    authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`,
    date,
    ...(sessionToken && { token: sessionToken })
  };
}

/** `sts.amazonaws.com` and names of one part are in us-east-1; else the second part says: `sts.eu-west-1.amazonaws.com`. */
function regionOf(host) {
  const [, second] = host.split('.');
  return second === undefined || second === 'amazonaws' ? 'us-east-1' : second;
}

function hmac(secret, text) {
  return crypto.createHmac('sha256', secret).update(text).digest();
}

function sha256(text) {
  return crypto.createHash('sha256').update(text).digest('hex');
}

module.exports = { awsCredential, regionOf, sign };
