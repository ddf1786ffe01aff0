'use strict';

const crypto = require('node:crypto');

/**
 * Only forms that this app made are taken: each carries a token that only this session's pages know. The
 * cookie's `sameSite` keeps other sites' forms out too; old browsers do not know that.
 */
function csrf(req, res, next) {
  if (req.method === 'GET' || req.method === 'HEAD') {
    // Made when a page asks for it, so that a page without a form makes no session.
    Object.defineProperty(res.locals, 'csrf', { get: () => tokenOf(req.session), enumerable: true });
    return next();
  }
  if (!matches(req.session.csrf, req.body?.csrf)) {
    return next(Object.assign(new Error('The form carries no token of this session'), { status: 403 }));
  }
  res.locals.csrf = req.session.csrf;
  next();
}

function tokenOf(session) {
  session.csrf ||= crypto.randomBytes(32).toString('hex');
  return session.csrf;
}

function matches(expected, given) {
  if (typeof expected !== 'string' || typeof given !== 'string') return false;
  const [a, b] = [expected, given].map((text) => crypto.createHash('sha256').update(text).digest());
  return crypto.timingSafeEqual(a, b);
}

module.exports = { csrf };
