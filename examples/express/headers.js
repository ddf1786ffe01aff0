'use strict';

const crypto = require('node:crypto');

/** Pages run no scripts and load nothing; the one style sheet is inside them, marked by a nonce. */
function securityHeaders(req, res, next) {
  const nonce = crypto.randomBytes(16).toString('base64');
  res.locals.nonce = nonce;
  res.set({
    'Content-Security-Policy':
      `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    // What is on these pages is one person's.
    'Cache-Control': 'no-store'
  });
  next();
}

module.exports = { securityHeaders };
