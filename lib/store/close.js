'use strict';

/**
 * Closes a store: operations under way end, later ones are refused, and what it has open is given up. The
 * connections go with the last store that shares them.
 *
 * @param {MongoDBStore} store
 * @param {function(Error=): void} done
 */
function close(store, done) {
  store.lifetime.end();
  store.client.close().then(() => done(), done);
}

/** What ends with a store. */
class Lifetime {
  constructor() {
    this.endings = [];
    this.over = false;
  }

  /** @param {function(): void} ending runs once, when the store is closed; at once if it is */
  until(ending) {
    if (this.over) ending();
    else this.endings.push(ending);
  }

  end() {
    this.over = true;
    for (const ending of this.endings.splice(0)) ending();
  }
}

module.exports = { Lifetime, close };
