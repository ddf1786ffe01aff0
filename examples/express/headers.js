'use strict';

const crypto = require('node:crypto');

/** Pages load nothing; their style sheet and script are inside them, marked by a nonce. The script asks this server alone. */
function securityHeaders(req, res, next) {
  const nonce = crypto.randomBytes(16).toString('base64');
  res.locals.nonce = nonce;
  res.set({
    'Content-Security-Policy':
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    // What is on these pages is one person's.
    'Cache-Control': 'no-store'
  });
  next();
}

module.exports = { securityHeaders };
