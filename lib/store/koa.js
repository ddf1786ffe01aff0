'use strict';

/** The store as Koa's middlewares call it: with promises, and with the time after which a session expires. */

const { EventEmitter } = require('events');
const { createStoreClass } = require('./index');
const { internalsOf } = require('./internals');
const { SET, methods, setFor } = require('./methods');
const { perform } = require('./perform');
const { isObject } = require('./values');

/** Where koa-session keeps a session's expiry. */
const EXPIRY_KEYS = ['_expire'];

/**
 * What was read for a request of koa-session, which makes session objects of its own for it.
 *
 * @type {WeakMap<object, object>} sessions by the request's context
 */
const readFor = new WeakMap();

/** The methods of `koa.d.ts`. */
const koaMethods = {
  async get(id, maxAge, request) {
    const session = await methods.get.call(this, id);
    if (isObject(request?.ctx) && isObject(session)) readFor.set(request.ctx, session);
    return session;
  },

  async set(id, session, maxAge, request) {
    const read = isObject(request?.ctx) ? readFor.get(request.ctx) : undefined;
    if (read !== undefined && read !== session) internalsOf(this)?.remembered?.handOver(read, session);
    // Without a lifetime, the cookie's and the store's `expires` count.
    await perform(this, Number.isFinite(maxAge) ? setFor(maxAge) : SET, undefined, id, session);
  },

  async destroy(id) {
    await methods.destroy.call(this, id);
  }
};

/** @returns {Function} the store class; it can be called without `new` */
function createKoaStoreClass() {
  const KoaStore = createStoreClass(EventEmitter, { expiryKeys: EXPIRY_KEYS });
  Object.assign(KoaStore.prototype, koaMethods);
  return KoaStore;
}

module.exports = { createKoaStoreClass };
