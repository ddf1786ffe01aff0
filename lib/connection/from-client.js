'use strict';

/**
 * The settings of a client that the application has already: a `MongoClient` of the `mongodb` package 4 to 7, which
 * keeps everything that the application asked for, and all defaults, in `client.options`, in one shape before and after `connect`.
 *
 * Only settings are taken. The store opens connections of its own, and the application's client is neither connected
 * nor closed by it.
 */

const { MongoError, MongoInvalidArgumentError } = require('../errors');
const { EXTERNAL } = require('./auth');
const { TABLE } = require('./table');
const { settingsOf } = require('./index');

const ACCEPTED = 'a MongoClient of the mongodb package 4 to 7, a mongoose, a Mongoose connection, or a promise of one of them';

/** BSON options of a client that change what is stored; no others are taken. */
const STORED_DIFFERENTLY = ['ignoreUndefined', 'serializeFunctions', 'checkKeys'];

/**
 * @typedef {object} ApplicationClient
 * @property {object} client the application's `MongoClient`
 * @property {string} databaseName the database that the client, or the Mongoose connection, uses by default
 */

/**
 * Finds the client in what the option `client` takes.
 *
 * @param {object} source
 * @returns {ApplicationClient|Promise<ApplicationClient>} a promise where there is no client yet: for a promise, and for
 *   a Mongoose that nobody has asked to connect
 * @throws {TypeError} for anything else; the promise rejects with it
 */
function clientOf(source) {
  if (typeof source?.then === 'function' && !isConnection(source)) return Promise.resolve(source).then(clientOf);
  const connection = isConnection(source) ? source : source?.connection;
  if (isConnection(connection)) return clientOfConnection(connection);
  return { client: checked(source), databaseName: source.options.dbName };
}

/** Of Mongoose. The connection that `mongoose.connect` and `createConnection` return may be a promise as well. */
function isConnection(value) {
  return typeof value?.getClient === 'function' && typeof value.once === 'function' && 'readyState' in value;
}

function clientOfConnection(connection) {
  const client = connection.getClient();
  if (client) return ofConnection(connection, client);
  return new Promise((resolve, reject) => {
    // Mongoose makes its client while it emits `connecting`.
    const look = () => {
      const made = connection.getClient();
      if (!made) return;
      connection.removeListener('connecting', lookSoon);
      connection.removeListener('connected', look);
      try {
        resolve(ofConnection(connection, made));
      } catch (error) {
        reject(error);
      }
    };
    const lookSoon = () => process.nextTick(look);
    connection.on('connecting', lookSoon);
    connection.on('connected', look);
  });
}

function ofConnection(connection, client) {
  // Mongoose keeps the option `dbName` to itself.
  const databaseName = connection.$dbName ?? connection.name ?? checked(client).options.dbName;
  return { client: checked(client), databaseName };
}

/** @returns {object} the client */
function checked(client) {
  const isClient = typeof client === 'object' && client !== null && typeof client.db === 'function';
  if (isClient && Array.isArray(client.options?.hosts) && typeof client.options.dbName === 'string') return client;
  const got = isClient ? 'a client of another version, or of another library' : nameOf(client);
  throw new TypeError(`client must be ${ACCEPTED}; got ${got}`);
}

function nameOf(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a value of type ${typeof value}`;
  return Array.isArray(value) ? 'an array' : `an object of class ${value.constructor?.name ?? 'null'}`;
}

/**
 * Reads the settings of a client.
 *
 * @param {object} client of `clientOf`
 * @param {object} [options]
 * @param {object} [options.writeConcern] in the place of the client's
 * @returns {object} as `parse` gives them
 * @throws {MongoError} for an option that the store cannot follow, `client:` before its message; never with a password
 */
function settingsFromClient({ options }, { writeConcern } = {}) {
  const srv = isSrv(options);
  try {
    const own = writeConcern === undefined ? {} : { writeConcern };
    return withSourceOfDns(settingsOf(urlOf(options, srv), { ...connectionOptionsOf(options, srv), ...own }), options, srv);
  } catch (error) {
    if (!(error instanceof MongoError)) throw error;
    throw new error.constructor(`client: ${error.message}`);
  }
}

function isSrv({ srvHost }) {
  return typeof srvHost === 'string';
}

/**
 * What the client has found in DNS by now: as `resolveSrv` of `srv.js` gives it; undefined where it has found nothing.
 *
 * @param {object} client of `clientOf`
 * @returns {undefined|{hosts: object[], authSource?: string, replicaSet?: string, loadBalanced?: boolean}}
 */
function recordsOfClient({ options }) {
  const { hosts, credentials, replicaSet, loadBalanced } = options;
  if (!isSrv(options) || hosts.length === 0) return undefined;
  return {
    hosts: hosts.map(hostOf),
    ...(credentials && !EXTERNAL.includes(credentials.mechanism) && { authSource: credentials.source }),
    ...(replicaSet && { replicaSet }),
    ...(loadBalanced && { loadBalanced: true })
  };
}

/** @returns {object} as `parseUri` gives it */
function urlOf({ hosts, srvHost, dbName, loadBalanced }, srv) {
  return {
    srv,
    hosts: srv ? [srvHost] : hosts.map(hostOf),
    username: '',
    password: undefined,
    database: dbName,
    options: new Map(loadBalanced ? [['loadbalanced', ['true']]] : [])
  };
}

function hostOf({ host, port, socketPath }) {
  if (typeof socketPath === 'string') return { socketPath };
  if (typeof host === 'string') return { host, port };
  throw new MongoInvalidArgumentError('the hosts of the client have neither a name nor a path');
}

/** @returns {object} as `connectionOptions` */
function connectionOptionsOf(options, srv) {
  const given = {};
  for (const [name, { use, fallback, isElsewhere, isBson }] of Object.entries(TABLE)) {
    if (use === 'ignored' || isElsewhere || isBson) continue;
    const value = options[name];
    if (value === undefined || value === null || isDefault(name, value, fallback, srv)) continue;
    // Options that are refused go along as well, so that they are refused.
    given[name] = value;
  }
  return Object.assign(given, addressOptions(options, srv), compression(options), account(options), keyOptions(options));
}

/** A client has its defaults as well. Without them, its settings equal those of a store with a plain `uri`, and so share its connections. */
function isDefault(name, value, fallback, srv) {
  // SRV names turn TLS on, unless it is turned off.
  if (name === 'tls' && srv) return false;
  if (name === 'readPreference') return value.mode === fallback;
  return value === fallback || (name === 'directConnection' && value === false);
}

/** A client has these two also where there is no SRV name, and no connection string may say them then. */
function addressOptions({ srvMaxHosts, srvServiceName }, srv) {
  if (!srv) return {};
  return { ...(srvMaxHosts > 0 && { srvMaxHosts }), ...(srvServiceName !== 'mongodb' && { srvServiceName }) };
}

/** A client has the compressor `none`, and the level 0, also where nobody asked for any. */
function compression({ compressors = [], zlibCompressionLevel }) {
  const wanted = compressors.filter((name) => name !== 'none');
  if (wanted.length === 0) return {};
  return { compressors: wanted, ...(zlibCompressionLevel ? { zlibCompressionLevel } : {}) };
}

function account({ credentials }) {
  if (!credentials) return {};
  const { username, password, source, mechanism, mechanismProperties } = credentials;
  const given = { authSource: source };
  if (username || password) given.auth = { username: username ?? '', password: password ?? '' };
  if (mechanism && mechanism !== 'DEFAULT') given.authMechanism = mechanism;
  if (mechanismProperties && Object.keys(mechanismProperties).length > 0) given.authMechanismProperties = { ...mechanismProperties };
  return given;
}

/** A client that has read its files keeps both their names and what was in them. */
function keyOptions({ ca, cert, key }) {
  const given = {};
  if (ca !== undefined && ca !== null) given.tlsCAFile = undefined;
  if (cert && key) given.tlsCertificateKeyFile = undefined;
  return given;
}

/** Before it has asked DNS, a client does not know yet which database its user is in, unless the application named one. */
function withSourceOfDns(settings, { credentials, userSpecifiedAuthSource, hosts }, srv) {
  if (!srv || !settings.credential || userSpecifiedAuthSource || hosts.length > 0 || EXTERNAL.includes(credentials.mechanism)) return settings;
  const { source, ...credential } = settings.credential;
  return { ...settings, credential: { ...credential, sourceWithoutDns: source } };
}

/**
 * @param {object} client of `clientOf`
 * @returns {object} those of its BSON options that change what is stored, as `connectionOptions` would have them
 */
function bsonOptionsFromClient({ options }) {
  const entries = STORED_DIFFERENTLY.filter((name) => options[name] === true).map((name) => [name, true]);
  return Object.fromEntries(entries);
}

/**
 * All that the store's own client is made of.
 *
 * @param {object} client of `clientOf`
 * @param {object} [writeConcern] in the place of the client's
 * @returns {{settings: object, bson: undefined|object, knownRecords: function(): undefined|object}} `knownRecords` gives
 *   what the client has found in DNS by now, for when DNS fails
 */
function plan(client, writeConcern) {
  const bson = bsonOptionsFromClient(client);
  return {
    settings: settingsFromClient(client, { writeConcern }),
    bson: Object.keys(bson).length > 0 ? bson : undefined,
    knownRecords: () => recordsOfClient(client)
  };
}

module.exports = { bsonOptionsFromClient, clientOf, plan, recordsOfClient, settingsFromClient };
