'use strict';

/**
 * connect-mongo's door: its class, options and conventions, on this package's store.
 *
 * # Layout
 * - `options`: what each option of connect-mongo is for the store, and `store.options` as applications know them
 * - `methods`: the store's methods, with connect-mongo's conventions
 * - `web-crypto-adapter`, `kruptein-adapter`: what the option `cryptoAdapter` takes, beside an application's own
 * - `express-session`: where the class's base comes from
 */

const { createStoreClass } = require('../store');
const { expressSessionStore } = require('./express-session');
const { createKrupteinAdapter } = require('./kruptein-adapter');
const { methods } = require('./methods');
const { shownOptions, storeOptions } = require('./options');
const { createWebCryptoAdapter } = require('./web-crypto-adapter');

const Store = createStoreClass(expressSessionStore(), { optionsOf: storeOptions });

const ignore = () => {};

/** `connect-mongo.d.ts` documents it. */
class MongoStore extends Store {
  constructor(options = {}) {
    let resolve, reject;
    const opened = new Promise((...settle) => {
      [resolve, reject] = settle;
    });
    // The store wraps what the driver said; connect-mongo gives it as it is.
    super(options, (error) => (error ? reject(error.cause ?? error) : resolve()));
    this.options = shownOptions(options);
    this.collectionP = opened.then(() => this.collection);
    // Listeners of `error` have got it by now. Where there are none, an unhandled rejection says that there is no store.
    opened.catch(() => {
      if (this.listenerCount('error') > 0) this.collectionP.catch(ignore);
    });
  }

  static create(options) {
    return new MongoStore(options);
  }
}

for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(MongoStore.prototype, name, { value, writable: true, configurable: true });
}

module.exports = { MongoStore, createKrupteinAdapter, createWebCryptoAdapter };
