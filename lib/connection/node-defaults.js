'use strict';

let warned = false;

/** Node's own warning, word for word, and as often. */
function warnOnce() {
  if (warned) return;
  warned = true;
  process.emitWarning(
    "Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable to '0' makes TLS connections and HTTPS requests insecure by disabling certificate verification."
  );
}

/**
 * What Node's own TLS does where no option says otherwise: `NODE_TLS_REJECT_UNAUTHORIZED`, and the authorities that this
 * process trusts. As it is now: both may change while a process runs.
 *
 * @param {object} settings of `parse`
 * @returns {object} the same, or a copy that has what they leave open
 */
function withNodeDefaults(settings) {
  const { tls } = settings;
  if (!tls?.enabled) return settings;
  const defaults = { ...tls };
  if (tls.allowInvalidCertificates === undefined && process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    warnOnce();
    defaults.allowInvalidCertificates = true;
  }
  if (!defaults.allowInvalidCertificates && tls.ca === undefined && tls.caFile === undefined) {
    defaults.authorities = require('./authorities').authoritiesOfNode();
  }
  return { ...settings, tls: defaults };
}

module.exports = { withNodeDefaults };
