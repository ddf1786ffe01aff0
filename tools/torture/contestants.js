'use strict';

/** The two stores that every scenario is run with. */

const expressSession = require('express-session');

const CONTESTANTS = {
  original: { label: 'connect-mongodb-session 5', module: require.resolve('connect-mongodb-session-original') },
  ours: { label: 'this package', module: require.resolve('../..') }
};

/** @returns {Function} the store's class, loaded on first use: a process loads the one that it runs */
function storeClass(id) {
  return require(CONTESTANTS[id].module)(expressSession);
}

/**
 * Makes a store, which can be used at once.
 *
 * @param {'original'|'ours'} id
 * @param {object} options of the store
 * @returns {{store: object, opened: Promise<Error|undefined>}} `opened` with what its constructor calls back
 */
function makeStore(id, options) {
  const Store = storeClass(id);
  let store;
  const opened = new Promise((resolve) => {
    store = new Store({ collection: 'sessions', ...options }, resolve);
  });
  store.on('error', () => {});
  // The callback has its error; thrown as well, it would end the process.
  store.initialConnectionPromise.catch(() => {});
  return { store, opened };
}

/**
 * Opens a store.
 *
 * @returns {Promise<{store: object, error: Error|undefined}>} once its constructor has called back, with what
 */
async function openStore(id, options) {
  const { store, opened } = makeStore(id, options);
  const error = await opened;
  return { store, error };
}

module.exports = { CONTESTANTS, makeStore, openStore, storeClass };
