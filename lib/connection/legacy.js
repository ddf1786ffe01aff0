'use strict';

/** Options of earlier Node drivers, translated into what they are called today. */

const { toBoolean } = require('./coerce');

/** By lower-case name: today's name, and how the value changes. */
const TODAY = {
  poolsize: { name: 'maxPoolSize' },
  minsize: { name: 'minPoolSize' },
  sslca: { name: 'ca' },
  sslcert: { name: 'cert' },
  sslkey: { name: 'key' },
  sslpass: { name: 'tlsCertificateKeyFilePassword' },
  sslvalidate: { name: 'tlsAllowInvalidCertificates', change: (value) => !toBoolean('sslValidate', value) },
  tlscertificatefile: { name: 'tlsCertificateKeyFile' },
  replset: { name: 'replicaSet' },
  rs_name: { name: 'replicaSet' }
};

/**
 * @param {Map<string, Array>} given by lower-case name; changed in place
 */
function translateLegacy(given) {
  for (const [old, { name, change = (value) => value }] of Object.entries(TODAY)) {
    if (!given.has(old)) continue;
    // Today's name wins where both are given.
    if (!given.has(name.toLowerCase())) given.set(name.toLowerCase(), given.get(old).map(change));
    given.delete(old);
  }
}

module.exports = { LEGACY: TODAY, translateLegacy };
