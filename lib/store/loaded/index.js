'use strict';

/**
 * What a store knows about the sessions that it has read or saved, for the options that need to:
 * `touchAfter`, `partialUpdates` and `preventResurrection`.
 *
 * It is known by the session object, not by the id: two requests that loaded one session have each
 * seen it at another time. It goes when the session object goes.
 */

const { Loaded } = require('./session');

class LoadedSessions {
  /** Private: an inspection of a store shows no sessions. */
  #known = new WeakMap();

  /** @param {{touchAfter?: number, partialUpdates?: boolean, preventResurrection?: boolean}} options */
  constructor({ touchAfter = 0, partialUpdates = false, preventResurrection = false }) {
    /** Milliseconds. */
    this.touchAfter = touchAfter * 1000;
    this.partialUpdates = partialUpdates;
    this.preventResurrection = preventResurrection;
  }

  /**
   * @param {object} options of a store
   * @returns {undefined|LoadedSessions} undefined when no option asks for it
   */
  static for(options) {
    const { touchAfter, partialUpdates, preventResurrection } = options;
    return touchAfter > 0 || partialUpdates || preventResurrection ? new LoadedSessions(options) : undefined;
  }

  /**
   * Begins to know a session.
   *
   * @param {*} session
   * @param {string} id
   * @returns {Loaded}
   */
  remember(session, id) {
    const loaded = new Loaded(id);
    if (typeof session === 'object' && session !== null) this.#known.set(session, loaded);
    return loaded;
  }

  /** express-session makes its session object from what `get` gave. */
  handOver(data, session) {
    const loaded = this.#known.get(data);
    if (loaded !== undefined && typeof session === 'object' && session !== null) this.#known.set(session, loaded);
  }

  /** @returns {undefined|Loaded} undefined for a session that is new here, or known under another id */
  of(session, id) {
    const loaded = this.#known.get(session);
    return loaded?.id === id ? loaded : undefined;
  }
}

module.exports = { LoadedSessions };
