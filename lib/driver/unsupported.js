'use strict';

/** The errors of what only the Node driver can do, where the application does not have it. */

const { MongoCompatibilityError } = require('../errors');

function unsupportedError(what, remedy) {
  return new MongoCompatibilityError(`${what} is not available on the client that connect-mongodb-session opens: ${remedy}`);
}

/**
 * @param {string} what e.g. `Collection.watch()`
 * @returns {MongoCompatibilityError}
 */
function missingPackageError(what) {
  return unsupportedError(what, "it takes the 'mongodb' package, and the application has none (`npm install mongodb`)");
}

/**
 * @param {string} what
 * @returns {MongoCompatibilityError}
 */
function oldPackageError(what) {
  return unsupportedError(what, "it takes the 'mongodb' package 4 or later, and the application's is older");
}

/**
 * @param {string} what
 * @returns {MongoCompatibilityError}
 */
function missingMethodError(what) {
  return unsupportedError(what, "the application's version of the 'mongodb' package does not have it");
}

module.exports = { missingMethodError, missingPackageError, oldPackageError };
