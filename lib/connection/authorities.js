'use strict';

const fs = require('fs');

/**
 * Adds to settings the authorities that Node trusts besides its own list: those of the file that
 * `NODE_EXTRA_CA_CERTS` names. Like Node, passes over a file that cannot be read.
 *
 * @param {object} settings of `parse`
 * @returns {object} the same, or a copy that trusts both where no authorities were given
 */
function withExtraAuthorities(settings) {
  const { tls } = settings;
  const file = process.env.NODE_EXTRA_CA_CERTS;
  if (!file || !tls?.enabled || tls.allowInvalidCertificates) return settings;
  if (tls.ca !== undefined || tls.caFile !== undefined) return settings;
  try {
    const ca = [...require('tls').rootCertificates, fs.readFileSync(file, 'latin1')].join('\n');
    return { ...settings, tls: { ...tls, ca } };
  } catch {
    return settings;
  }
}

module.exports = { withExtraAuthorities };
