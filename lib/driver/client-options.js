'use strict';

/** What `client.options` shows: the settings under the Node driver's names, without secrets. */

/** Settings that are shown just as they are. */
const SHOWN = [
  'appName', 'replicaSet', 'directConnection', 'loadBalanced', 'maxPoolSize', 'minPoolSize', 'maxIdleTimeMS',
  'maxConnecting', 'waitQueueTimeoutMS', 'serverSelectionTimeoutMS', 'connectTimeoutMS', 'socketTimeoutMS',
  'timeoutMS', 'heartbeatFrequencyMS', 'localThresholdMS', 'serverMonitoringMode', 'retryReads', 'retryWrites',
  'serverApi', 'family', 'ignoreUndefined'
];

/**
 * @param {object} settings as `lib/connection` makes them
 * @param {{readPreference?: ReadPreference, readConcern?: ReadConcern, writeConcern?: WriteConcern}} concerns
 * @returns {object} frozen
 */
function clientOptions(settings, concerns) {
  const options = { dbName: settings.defaultDatabase ?? 'test' };
  if (settings.hosts) options.hosts = settings.hosts.map(hostOf);
  if (settings.srv) options.srvHost = settings.srv.host;
  for (const name of SHOWN) {
    if (settings[name] !== undefined) options[name] = settings[name];
  }
  options.tls = Boolean(settings.tls?.enabled);
  if (settings.credential) {
    const { username, source, mechanism } = settings.credential;
    options.credentials = Object.freeze({ username, source, mechanism });
  }
  if (settings.compressors) options.compressors = settings.compressors.map(({ name }) => name);
  for (const [name, value] of Object.entries(concerns)) {
    if (value !== undefined) options[name] = value;
  }
  return Object.freeze(options);
}

function hostOf({ host, port, socketPath }) {
  return Object.freeze({ host, port, socketPath, toString: () => socketPath ?? `${host}:${port}` });
}

module.exports = { clientOptions };
