'use strict';

const { EventEmitter } = require('events');

/**
 * Finds the `Store` class a middleware brings.
 *
 * @param {*} connect
 * @returns {Function}
 * @throws {TypeError} when there is none
 */
function storeBaseOf(connect) {
  const Store = connect?.Store ?? connect?.session?.Store;
  if (typeof Store !== 'function') {
    throw new TypeError(
      'connect-mongodb-session takes express-session (or an object with a Store class): write ' +
        "`require('connect-mongodb-session')(require('express-session'))`"
    );
  }
  return Store;
}

/**
 * A prototype for stores on `Store`. Where `Store` is no EventEmitter, the store still is one.
 *
 * @param {Function} Store
 * @returns {object}
 */
function storePrototype(Store) {
  const prototype = Object.create(Store.prototype);
  for (const name of Object.getOwnPropertyNames(EventEmitter.prototype)) {
    if (name === 'constructor' || typeof EventEmitter.prototype[name] !== 'function') continue;
    if (typeof prototype[name] === 'function') continue;
    Object.defineProperty(prototype, name, {
      value: EventEmitter.prototype[name],
      writable: true,
      configurable: true
    });
  }
  return prototype;
}

module.exports = { storeBaseOf, storePrototype };
