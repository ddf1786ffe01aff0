'use strict';

/** What the Node driver and this package make of a connection string and options, in the same words. */

const mongodb = require('mongodb');
const { parse } = require('../../lib/connection');

/** Options that are one value each, called the same in both; with the Node driver's defaults. */
const SINGLE = {
  appName: undefined,
  replicaSet: undefined,
  directConnection: false,
  loadBalanced: false,
  maxPoolSize: 100,
  minPoolSize: 0,
  maxConnecting: 2,
  maxIdleTimeMS: 0,
  waitQueueTimeoutMS: 0,
  serverSelectionTimeoutMS: 30000,
  connectTimeoutMS: 30000,
  socketTimeoutMS: 0,
  heartbeatFrequencyMS: 10000,
  localThresholdMS: 15,
  serverMonitoringMode: 'auto',
  retryReads: true,
  retryWrites: true
};

/** Null prototypes and undefined members aside. */
const plain = (value) => JSON.parse(JSON.stringify(value));
const list = (value) => (Array.isArray(value) ? value : [value]).map(String).join('\n');

/** @returns {object} what the Node driver made of it */
function driverSettings(uri, connectionOptions) {
  const { options } = new mongodb.MongoClient(uri, connectionOptions);
  const { credentials, readPreference, writeConcern } = options;
  const hosts = options.hosts.map(({ host, port, socketPath }) => (socketPath ? { socketPath } : { host, port }));
  return plain({
    hosts: options.srvHost ? undefined : hosts,
    srv: options.srvHost && { host: options.srvHost, serviceName: options.srvServiceName, maxHosts: options.srvMaxHosts },
    database: options.dbName,
    credential: credentials && {
      username: credentials.username,
      password: credentials.password || undefined,
      source: credentials.source,
      mechanism: credentials.mechanism,
      mechanismProperties: credentials.mechanismProperties
    },
    tls: options.tls ? {
      allowInvalidCertificates: options.rejectUnauthorized === false,
      allowInvalidHostnames: typeof options.checkServerIdentity === 'function',
      caFile: options.ca === undefined ? options.tlsCAFile : undefined,
      ca: options.ca && list(options.ca),
      certificateKeyFile: options.tlsCertificateKeyFile,
      passphrase: options.passphrase
    } : undefined,
    // The driver takes an empty name for none where it uses it.
    single: Object.fromEntries(Object.keys(SINGLE).map((name) => [name, options[name] === '' ? undefined : options[name]])),
    compressors: options.compressors.filter((name) => name !== 'none'),
    zlibCompressionLevel: options.compressors.includes('zlib') ? options.zlibCompressionLevel || undefined : undefined,
    readPreference: { mode: readPreference.mode, tags: readPreference.tags, maxStalenessSeconds: readPreference.maxStalenessSeconds },
    readConcern: options.readConcern?.level,
    writeConcern: { w: writeConcern?.w, journal: writeConcern?.journal, wtimeoutMS: writeConcern?.wtimeoutMS },
    serverApi: options.serverApi,
    driverInfo: options.driverInfo?.name,
    proxy: options.proxyHost && {
      host: options.proxyHost, port: options.proxyPort, username: options.proxyUsername, password: options.proxyPassword
    }
  });
}

/** @returns {object} what this package made of it */
function ourSettings(uri, connectionOptions) {
  const settings = parse(uri, connectionOptions);
  const { credential, readPreference, srv, tls, writeConcern } = settings;
  const described = plain({
    hosts: settings.hosts,
    srv: srv && { serviceName: 'mongodb', maxHosts: 0, ...srv },
    database: settings.defaultDatabase ?? 'test',
    credential: credential && {
      username: credential.username ?? '',
      password: credential.password || undefined,
      source: credential.source ?? credential.sourceWithoutDns,
      mechanism: credential.mechanism ?? 'DEFAULT',
      mechanismProperties: credential.mechanismProperties ?? {}
    },
    tls: tls?.enabled ? {
      allowInvalidCertificates: tls.allowInvalidCertificates ?? false,
      allowInvalidHostnames: tls.allowInvalidHostnames ?? false,
      caFile: tls.caFile,
      ca: tls.ca,
      certificateKeyFile: tls.certificateKeyFile,
      passphrase: tls.certificateKeyFilePassword
    } : undefined,
    single: Object.fromEntries(Object.entries(SINGLE).map(([name, fallback]) => [name, settings[name] ?? fallback])),
    compressors: (settings.compressors ?? []).map(({ name }) => name).filter((name) => name !== 'none'),
    zlibCompressionLevel: settings.compressors?.find(({ name }) => name === 'zlib')?.level || undefined,
    readPreference: readPreference ?? { mode: 'primary' },
    readConcern: settings.readConcern?.level,
    writeConcern: { w: writeConcern?.w, journal: writeConcern?.journal, wtimeoutMS: writeConcern?.wtimeoutMS },
    serverApi: settings.serverApi,
    driverInfo: settings.driverInfo.name.split('|')[1],
    proxy: settings.proxy
  });
  return { described, settings };
}

function attempt(work) {
  try {
    return work();
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

/** @returns {{error: string}|{settings: object}} */
function ofDriver(uri, options) {
  return attempt(() => ({ settings: driverSettings(uri, options) }));
}

/** @returns {{error: string}|{settings: object, native: object}} `native` is what the native half is given */
function ofOurs(uri, options) {
  return attempt(() => {
    const { described, settings } = ourSettings(uri, options);
    return { settings: described, native: settings };
  });
}

module.exports = { ofDriver, ofOurs };
