'use strict';

/**
 * Credentials of AWS that are in no option: those that the application's own `@aws-sdk/credential-providers` finds; where
 * there is no such package, those of the role of the container (ECS) or the machine (EC2). As the Node driver 6 does.
 */

const { createRequire } = require('module');
const application = require('../application');
const { MongoAWSError } = require('../errors');
const { request } = require('./http-request');

const SDK = '@aws-sdk/credential-providers';
const CONTAINER_URL = 'http://169.254.170.2';
const MACHINE_URL = 'http://169.254.169.254/latest';
const ROLES = 'meta-data/iam/security-credentials';
/** Of the token for one question. */
const TOKEN_SECONDS = '30';
/** The specification's: credentials that end this soon are asked for again. */
const MARGIN_MS = 5 * 60_000;

/** Regions whose requests go to the one service for all, unless `AWS_STS_REGIONAL_ENDPOINTS` says `regional`. */
const LEGACY_REGIONS = [
  'ap-northeast-1', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'aws-global', 'ca-central-1', 'eu-central-1', 'eu-north-1',
  'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1', 'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'
];

/** Asks again when what it knows ends soon; who comes meanwhile waits for the same answer. */
class Remembered {
  #ask;
  #credentials;
  #until = -Infinity;

  /** @param {function(): Promise<{Expiration?: string}>} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /** @param {boolean} again whether what it knows is refused */
  give(again) {
    if (again || Date.now() >= this.#until) {
      this.#until = Infinity;
      this.#credentials = this.#ask();
      this.#credentials.then(
        ({ Expiration: end }) => (this.#until = Date.parse(end) - MARGIN_MS || -Infinity),
        () => (this.#until = -Infinity)
      );
    }
    return this.#credentials;
  }
}

const ofRole = new Remembered(() => {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path } = process.env;
  return path ? document('ECS', `${CONTAINER_URL}${path}`) : ofMachine();
});

/** The SDK's provider, which remembers what it gives for as long as it is good; undefined until it is asked for, null where there is none. */
let ofSdk;

/**
 * @param {boolean} again whether the server has refused what was given last
 * @returns {Promise<AwsCredentials>}
 */
async function fromEnvironment(again) {
  if (ofSdk === undefined) ofSdk = sdkProvider();
  if (ofSdk !== null) return ofSdk({ forceRefresh: again });
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken } = await ofRole.give(again);
  return { accessKeyId, secretAccessKey, sessionToken };
}

function sdkProvider() {
  const file = application.resolveFromApplication(SDK);
  if (file === undefined) return null;
  const { fromNodeProviderChain } = createRequire(file)(file);
  const region = (process.env.AWS_REGION ?? '').toLowerCase();
  const endpoints = (process.env.AWS_STS_REGIONAL_ENDPOINTS ?? '').toLowerCase();
  const regional = endpoints === 'regional' || (endpoints === 'legacy' && !LEGACY_REGIONS.includes(region));
  return region !== '' && regional ? fromNodeProviderChain({ clientConfig: { region } }) : fromNodeProviderChain();
}

async function ofMachine() {
  const token = await text('EC2', `${MACHINE_URL}/api/token`, {
    method: 'PUT', headers: { 'X-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS }
  });
  const headers = { 'X-aws-ec2-metadata-token': token };
  const role = await text('EC2', `${MACHINE_URL}/${ROLES}`, { headers });
  return document('EC2', `${MACHINE_URL}/${ROLES}/${role.trim()}`, { headers });
}

/** What is no JSON may be anything, a secret even: it is not shown. */
async function document(name, url, options) {
  const body = await text(name, url, options);
  try {
    return JSON.parse(body) ?? {};
  } catch {
    throw new MongoAWSError(`the ${name} endpoint did not answer with JSON`);
  }
}

async function text(name, url, options) {
  const { status, body } = await request(url, options).catch((error) => {
    throw new MongoAWSError(`no credentials from the ${name} endpoint: ${error.message}`, { cause: error });
  });
  if (status !== 200) throw new MongoAWSError(`no credentials from the ${name} endpoint: status code ${status}`);
  return body;
}

module.exports = { fromEnvironment };
