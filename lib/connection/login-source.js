'use strict';

/**
 * The key under which a credential has what answers the questions of its logins (`oidc.js`, `aws.js`): a symbol, so that it is
 * neither sent nor printed.
 *
 * @typedef {object} LoginSource
 * @property {function(object, AbortSignal): Promise<object>} answer gets a question and a signal that says when nobody waits any more;
 *   must not reject
 */
const LOGIN_SOURCE = Symbol('connect-mongodb-session.login');

module.exports = { LOGIN_SOURCE };
