'use strict';

/**
 * What the Node driver has and this facade has not. Each of these throws, so that an application
 * learns at once that it needs a client of its own.
 */

const { MongoCompatibilityError } = require('../errors');

/**
 * @param {string} what e.g. `Collection.watch()`
 * @returns {MongoCompatibilityError}
 */
function unsupportedError(what) {
  return new MongoCompatibilityError(
    `${what} is not available on the client that connect-mongodb-session opens: ` +
      "open an own MongoClient from the 'mongodb' package for it"
  );
}

/**
 * Adds methods that only say that they are not available. Those that return a promise in the Node
 * driver reject, the others throw.
 *
 * @param {Function} Class
 * @param {{throwing: string[], rejecting: string[]}} names
 */
function refuse(Class, { throwing, rejecting }) {
  for (const name of throwing) {
    add(Class.prototype, name, () => {
      throw unsupportedError(`${Class.name}.${name}()`);
    });
  }
  for (const name of rejecting) {
    add(Class.prototype, name, async () => {
      throw unsupportedError(`${Class.name}.${name}()`);
    });
  }
}

function add(prototype, name, method) {
  Object.defineProperty(method, 'name', { value: name });
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
}

module.exports = { refuse, unsupportedError };
