'use strict';

/** The `Store` class of the application's express-session, on which connect-mongo's store is built as well. */

const { createRequire } = require('module');
const { resolveFromApplication } = require('../application');

/**
 * @returns {Function}
 * @throws {Error} where there is no express-session
 */
function expressSessionStore() {
  return expressSession().Store;
}

function expressSession() {
  try {
    return require('express-session');
  } catch (cause) {
    const file = resolveFromApplication('express-session');
    if (file !== undefined) return createRequire(file)(file);
    throw new Error('connect-mongodb-session/connect-mongo needs the package express-session, as connect-mongo does: npm install express-session', { cause });
  }
}

module.exports = { expressSessionStore };
