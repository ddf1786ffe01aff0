'use strict';

/**
 * A connection string and options, in the Node driver's dialect, into the settings that the native
 * client takes (`src/settings.rs`).
 *
 * # Layout
 * - `uri.js`, `hosts.js`: the connection string
 * - `table.js`: every option and what becomes of it; `legacy.js`: what options used to be called
 * - `given.js`: what was given, by option; refuses what is unknown or not supported
 * - `servers.js`, `auth.js` (`oidc.js`, `oidc-environments.js`; `aws.js`, `aws-credentials.js`; `http-request.js`), `tls.js`, `concerns.js`: the parts of the settings
 * - `bson-options.js`: the part that stays on this side, for the codec
 * - `pfx.js`: the certificate and key in PKCS #12; `server-identity.js`: which `checkServerIdentity` checks nothing
 * - `node-defaults.js`, `authorities.js`: what Node does, and whom it trusts, where no option says otherwise
 * - `srv.js`: the hosts behind a `mongodb+srv` name, when the client connects
 * - `from-client.js`: the same settings, read from a client that the application has already
 * - `coerce.js`: values as the Node driver reads them
 */

const { bsonOptionsOf } = require('./bson-options');
const { credentialOf } = require('./auth');
const { readConcernOf, readPreferenceOf, writeConcernOf } = require('./concerns');
const { collect } = require('./given');
const { checkServers, compressorsOf, driverInfoOf, proxyOf, serverApiOf, srvOf } = require('./servers');
const { simpleOptions } = require('./simple');
const { tlsOf } = require('./tls');
const { parseUri } = require('./uri');

/**
 * @param {string} uri
 * @param {object} [connectionOptions] win over the URI's
 * @returns {object} settings, without what was not asked for
 * @throws {MongoParseError|MongoAPIError|MongoRuntimeError} as the Node driver's `new MongoClient`
 *   does; never with a password in the message
 */
function parse(uri, connectionOptions) {
  return settingsOf(parseUri(String(uri)), connectionOptions ?? {});
}

/**
 * @param {object} url as `parseUri` gives it
 * @param {object} connectionOptions win over the URL's
 * @returns {object} settings, without what was not asked for
 * @throws {MongoParseError|MongoAPIError|MongoRuntimeError} as `parse` does
 */
function settingsOf(url, connectionOptions) {
  const given = collect(url, connectionOptions);
  const database = String(given.get('dbName')?.[0] ?? '');
  const settings = {
    hosts: url.srv ? undefined : url.hosts,
    srv: url.srv ? srvOf(url.hosts[0], given) : undefined,
    defaultDatabase: database === '' ? undefined : database,
    ...simpleOptions(given),
    tls: tlsOf(given, url),
    credential: credentialOf(given, database, url.srv),
    compressors: compressorsOf(given),
    readPreference: readPreferenceOf(given),
    readConcern: readConcernOf(given),
    writeConcern: writeConcernOf(given),
    serverApi: serverApiOf(given),
    driverInfo: driverInfoOf(given),
    proxy: proxyOf(given),
    bson: bsonOptionsOf(given)
  };
  for (const name of Object.keys(settings)) {
    if (settings[name] === undefined) delete settings[name];
  }
  checkServers(settings, given);
  return settings;
}

module.exports = { parse, settingsOf };
