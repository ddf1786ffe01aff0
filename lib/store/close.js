'use strict';

/**
 * Closes a store: operations under way end, later ones are refused, and what it has open is given up. The
 * connections go with the last store that shares them.
 *
 * @param {MongoDBStore} store
 * @param {function(Error=): void} done
 */
function close(store, done) {
  store.lifetime.over = true;
  store.lifetime.stopRemoving();
  store.client.close().then(() => done(), done);
}

module.exports = { close };
