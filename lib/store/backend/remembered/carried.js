'use strict';

/**
 * Middlewares that make a session object of their own, without `createSession`, make its cookie of the one that they were
 * given: by copying its members (@fastify/session since 11.1.2, which keeps the copy beside the session), or by taking
 * it over. So the cookie carries, under a symbol, what the store knows of the session. Nothing that stores, compares or
 * prints a cookie's members sees it.
 */

const CARRIED = Symbol('connect-mongodb-session.session');

/** Shows nothing of a session to whoever inspects it. */
class Carried {
  #loaded;

  /** @param {Loaded} loaded */
  constructor(loaded) {
    this.#loaded = loaded;
  }

  /** @returns {undefined|Loaded} what an object carries */
  static in(object) {
    const carried = typeof object === 'object' && object !== null ? object[CARRIED] : undefined;
    return carried instanceof Carried ? carried.#loaded : undefined;
  }
}

/**
 * @param {*} session that is given to a middleware
 * @param {Loaded} loaded what is known of it
 */
function carry(session, loaded) {
  const cookie = session?.cookie;
  if (typeof cookie !== 'object' || cookie === null || !Object.isExtensible(cookie)) return;
  // Enumerable: copies of the cookie have it too.
  Object.defineProperty(cookie, CARRIED, { value: new Carried(loaded), enumerable: true, writable: true, configurable: true });
}

/**
 * @param {*} session that a middleware made
 * @returns {undefined|Loaded} what its cookie carries, or a copy of that which it keeps under a symbol
 */
function carriedBy(session) {
  if (typeof session !== 'object' || session === null) return undefined;
  const kept = Object.getOwnPropertySymbols(session).map((symbol) => session[symbol]);
  for (const object of [session.cookie, ...kept]) {
    const loaded = Carried.in(object);
    if (loaded !== undefined) return loaded;
  }
  return undefined;
}

module.exports = { carriedBy, carry };
