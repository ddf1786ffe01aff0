'use strict';

/** What environments offer as tokens, for the property `ENVIRONMENT`: as the Node driver asks them. */

const fs = require('fs/promises');
const { MongoOIDCError } = require('../errors');
const { request } = require('./http-request');

const AZURE_URL = 'http://169.254.169.254/metadata/identity/oauth2/token';
const GCP_URL = 'http://metadata/computeMetadata/v1/instance/service-accounts/default/identity';
const KUBERNETES_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';

async function test() {
  const file = process.env.OIDC_TOKEN_FILE;
  if (!file) throw new MongoOIDCError('OIDC_TOKEN_FILE must be set in the environment.');
  return { accessToken: await fs.readFile(file, 'utf8') };
}

async function k8s() {
  const file = process.env.AZURE_FEDERATED_TOKEN_FILE || process.env.AWS_WEB_IDENTITY_TOKEN_FILE || KUBERNETES_FILE;
  return { accessToken: await fs.readFile(file, 'utf8') };
}

async function azure({ tokenAudience, username }) {
  const parameters = { 'api-version': '2018-02-01', resource: tokenAudience, ...(username && { client_id: username }) };
  const body = await get('Azure', AZURE_URL, parameters, { Metadata: 'true', Accept: 'application/json' });
  const { access_token: accessToken, expires_in: expires } = parsed(body);
  const expiresInSeconds = Number(expires);
  if (typeof accessToken !== 'string' || Number.isNaN(expiresInSeconds)) {
    throw new MongoOIDCError('Azure endpoint did not return a value with only access_token and expires_in properties');
  }
  return { accessToken, expiresInSeconds };
}

async function gcp({ tokenAudience }) {
  return { accessToken: await get('GCP', GCP_URL, { audience: tokenAudience }, { 'Metadata-Flavor': 'Google' }) };
}

/** What is no JSON may be anything, a token even: it is not shown. */
function parsed(body) {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

/** @returns {Promise<string>} the body of the answer */
async function get(name, url, parameters, headers) {
  const { status, body } = await request(`${url}?${new URLSearchParams(parameters)}`, { headers }).catch((error) => {
    throw new MongoOIDCError(`no token from the ${name} endpoint: ${error.message}`, { cause: error });
  });
  if (status === 200) return body;
  throw new MongoOIDCError(`Status code ${status} returned from the ${name} endpoint. Response body: ${body}`);
}

module.exports = { azure, gcp, k8s, test };
