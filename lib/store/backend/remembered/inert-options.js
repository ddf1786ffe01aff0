'use strict';

/**
 * `touchAfter`, `partialUpdates` and `preventResurrection` know a session by its object: what `get` gave, and what the
 * middleware makes of that. One that makes objects of its own, and neither calls `createSession` nor keeps the cookie
 * that it was given, saves sessions that the store has never seen, and the options do nothing.
 */

const { warnOnce } = require('../../warnings');

const OPTIONS = ['touchAfter', 'partialUpdates', 'preventResurrection'];
/** Ids of sessions that were read last: enough to see that one of them is saved as an object of somebody else's. */
const MAX_IDS = 100;

/** Watches whether the options of one store have an effect; says so once if they have none. */
class InertOptions {
  /** @param {object} options of a store, cast */
  constructor(options) {
    this.names = OPTIONS.filter((name) => options[name]);
    this.read = new Set();
    this.watching = this.names.length > 0;
    this.reason = 'the middleware does not call `createSession` of the store';
  }

  /** @param {boolean} byItself whether the middleware that the store is made on has no `createSession` */
  madeOn(byItself) {
    if (byItself) this.reason = 'the middleware saves session objects of its own';
  }

  /** A session was read under this id. */
  got(id) {
    if (!this.watching) return;
    if (this.read.size >= MAX_IDS) this.read.clear();
    this.read.add(id);
  }

  /** The middleware made its session object from what was read: the options have their effect. */
  handedOver() {
    this.watching = false;
    this.read.clear();
  }

  /** A session is saved or touched that the store does not know by its object. */
  sawStranger(id) {
    if (this.watching && this.read.has(id)) this.warn();
  }

  warn() {
    this.handedOver();
    const [first, ...rest] = this.names.map((name) => `\`${name}\``);
    const names = rest.length > 0 ? `s ${[first, ...rest].join(', ')} have` : ` ${first} has`;
    warnOnce(
      'MONGODB_STORE_INERT_OPTION',
      `The option${names} no effect: ${this.reason}, so the store does not know the sessions that it is given to save. Use express-session, ` +
        'or save the object that `get` gave',
      this.names.join()
    );
  }
}

module.exports = { InertOptions };
