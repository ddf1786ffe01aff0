'use strict';

/** Which servers, the way to them, and what a client says of itself there. */

const { version } = require('../../package.json');
const { MongoAPIError, MongoCompatibilityError, MongoInvalidArgumentError, MongoParseError } = require('../errors/client');
const { cast, toInt, toUint } = require('./coerce');

const COMPRESSORS = ['none', 'snappy', 'zlib', 'zstd'];
const API_VERSIONS = ['1'];

function srvOf(host, given) {
  const srv = { host };
  if (given.has('srvServiceName')) srv.serviceName = String(given.get('srvServiceName')[0]);
  if (given.has('srvMaxHosts')) srv.maxHosts = toUint('srvMaxHosts', given.get('srvMaxHosts')[0]);
  return srv;
}

function compressorsOf(given) {
  const level = given.has('zlibCompressionLevel')
    ? toInt('zlibCompressionLevel', given.get('zlibCompressionLevel')[0])
    : undefined;
  if (level !== undefined && (level < -1 || level > 9)) {
    throw new MongoInvalidArgumentError(`zlibCompressionLevel must be from -1 to 9, got: ${level}`);
  }
  if (!given.has('compressors')) return undefined;
  const names = new Set();
  for (const value of given.get('compressors')) {
    const list = typeof value === 'string' ? value.split(',') : value;
    if (!Array.isArray(list)) {
      throw new MongoInvalidArgumentError('compressors must be an array or a comma-delimited list of strings');
    }
    for (const name of list.map(String)) {
      if (!COMPRESSORS.includes(name)) {
        throw new MongoInvalidArgumentError(
          `${name} is not a valid compression mechanism. Must be one of: ${COMPRESSORS}.`
        );
      }
      names.add(name);
    }
  }
  return [...names].map((name) => (name === 'zlib' && level !== undefined ? { name, level } : { name }));
}

function serverApiOf(given) {
  if (!given.has('serverApi')) return undefined;
  const [value] = given.get('serverApi');
  const api = typeof value === 'string' ? { version: value } : value;
  const versions = `["${API_VERSIONS.join('", "')}"]`;
  if (!api?.version) {
    throw new MongoParseError(`Invalid \`serverApi\` property; must specify a version from the following enum: ${versions}`);
  }
  if (!API_VERSIONS.includes(api.version)) {
    throw new MongoParseError(`Invalid server API version=${api.version}; must be in the following enum: ${versions}`);
  }
  const result = { version: api.version };
  if (api.strict != null) result.strict = Boolean(api.strict);
  if (api.deprecationErrors != null) result.deprecationErrors = Boolean(api.deprecationErrors);
  return result;
}

/** What the server's log says of who connects: this package, unless the application says otherwise. */
function driverInfoOf(given) {
  const info = given.has('driverInfo') ? cast('driverInfo', given.get('driverInfo')[0], 'record') : {};
  const name = given.has('name') ? String(given.get('name')[0]) : info.name;
  const result = { name: 'connect-mongodb-session', version, platform: `Node.js ${process.version}` };
  if (name != null) {
    result.name = `${result.name}|${name}`;
    if (info.version != null) result.version = `${version}|${info.version}`;
  }
  if (info.platform != null) result.platform = `${result.platform}|${info.platform}`;
  return result;
}

function proxyOf(given) {
  const value = (name) => given.get(name)?.[0];
  const [host, user, password] = ['proxyHost', 'proxyUsername', 'proxyPassword'].map(value);
  const port = given.has('proxyPort') ? toUint('proxyPort', value('proxyPort')) : undefined;
  if (!host) {
    if (port || user || password) throw new MongoParseError('Must specify proxyHost if other proxy options are passed');
    return undefined;
  }
  if (Boolean(user) !== Boolean(password)) {
    throw new MongoParseError('Can only specify both of proxy username/password or neither');
  }
  return {
    host: String(host),
    ...(port !== undefined && { port }),
    ...(user && { username: String(user), password: String(password) })
  };
}

/** @throws {MongoParseError|MongoAPIError|MongoCompatibilityError} for options that contradict each other, or do not go together here */
function checkServers({ hosts, srv, credential, directConnection, loadBalanced, replicaSet }, given) {
  const refuse = (condition, message, ErrorClass = MongoParseError) => {
    if (condition) throw new ErrorClass(message);
  };
  if (loadBalanced) {
    refuse(hosts?.length > 1, 'loadBalanced option only supported with a single host in the URI');
    refuse(replicaSet, 'loadBalanced option not supported with a replicaSet option');
    refuse(directConnection, 'loadBalanced option not supported when directConnection is provided');
    refuse(srv?.maxHosts > 0, 'Cannot limit srv hosts with loadBalanced enabled');
  }
  if (srv) {
    refuse(directConnection, 'SRV URI does not support directConnection', MongoAPIError);
    refuse(srv.maxHosts > 0 && replicaSet, 'Cannot use srvMaxHosts option with replicaSet');
    return;
  }
  if (given.has('srvMaxHosts')) toUint('srvMaxHosts', given.get('srvMaxHosts')[0]);
  refuse(
    given.has('srvMaxHosts') || given.has('srvServiceName'),
    'Cannot use srvMaxHosts or srvServiceName with a non-srv connection string'
  );
  refuse(directConnection && hosts.length !== 1, 'directConnection option requires exactly one host');
  refuse(
    credential?.signatures && hosts.some(({ socketPath }) => socketPath !== undefined),
    'MONGODB-AWS needs a server with a host and a port, not a socket of the file system', MongoCompatibilityError
  );
}

module.exports = { checkServers, compressorsOf, driverInfoOf, proxyOf, serverApiOf, srvOf };
