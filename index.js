'use strict';

const { requiredBy } = require('./lib/codec/requirer');
const { createStoreClass } = require('./lib/store');
const { storeBaseOf } = require('./lib/store/base');

requiredBy(module.parent);

/**
 * Makes the store class for a session middleware.
 *
 * @param {object|Function} connect `express-session`, or anything that carries a `Store` class as
 *   `connect.Store` or `connect.session.Store`
 * @returns {Function} the `MongoDBStore` class, a subclass of that `Store`
 * @throws {TypeError} when there is no `Store` class
 */
module.exports = function connectMongoDBSession(connect) {
  return createStoreClass(storeBaseOf(connect));
};

/** What `import { MongoDBStore }` or `factory.MongoDBStore` find: the way to the real one. */
module.exports.MongoDBStore = function MongoDBStore() {
  throw new TypeError(
    'connect-mongodb-session exports a function that makes the store class: write ' +
      "`const MongoDBStore = require('connect-mongodb-session')(session)` with `session` from express-session, " +
      'then `new MongoDBStore(options)`'
  );
};
