'use strict';

/** The two stores that every scenario is run with. */

const expressSession = require('express-session');

const CONTESTANTS = {
  original: { label: 'connect-mongodb-session 5', module: require.resolve('connect-mongodb-session-original') },
  ours: { label: 'this package', module: require.resolve('..') }
};

/** @returns {Function} the store's class, loaded on first use: a process loads the one that it runs */
function storeClass(id) {
  return require(CONTESTANTS[id].module)(expressSession);
}

/**
 * Opens a store.
 *
 * @param {'original'|'ours'} id
 * @param {object} options of the store
 * @returns {Promise<{store: object, error: Error|undefined}>} once its constructor has called back, with what
 */
function openStore(id, options) {
  const Store = storeClass(id);
  return new Promise((resolve) => {
    const store = new Store({ collection: 'sessions', ...options }, (error) => resolve({ store, error }));
    store.on('error', () => {});
    // The callback has its error; thrown as well, it would end the process.
    store.initialConnectionPromise.catch(() => {});
  });
}

module.exports = { CONTESTANTS, openStore, storeClass };
