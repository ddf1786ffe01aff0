'use strict';

const { Layer } = require('../layer');
const { carry, carriedBy } = require('./carried');
const { InertOptions } = require('./inert-options');
const { snapshotOf } = require('./cookie');
const { Saving, copyOf } = require('./saving');
const { Loaded } = require('./session');

/**
 * What a store knows about the sessions that it has read or saved, for the options that need to: `touchAfter` leaves
 * out touches that move the expiry by little, `partialUpdates` saves what has changed since, `preventResurrection`
 * creates no session that was there once.
 *
 * It is known by the session object, not by the id: two requests that loaded one session have each seen it at another
 * time. It goes when the session object goes. Which object a middleware made of which is said by `createSession`, where
 * it has that; else by what the cookie carries along (`carried.js`).
 */
class Remembered extends Layer {
  /** Private: an inspection of a store shows no sessions. */
  #known = new WeakMap();
  #codec;
  #touchAfterMs;
  #partialUpdates;
  #preventResurrection;
  /** Whether the middleware makes its session objects without `createSession`, and may save in the place of a touch. */
  #byItself = false;
  /** Where in a session it keeps the session's expiry. */
  #expiryKeys = ['cookie'];

  /**
   * @param {Layer} inner
   * @param {{touchAfter?: number, partialUpdates?: boolean, preventResurrection?: boolean}} options of the store
   * @param {object} codec of the stored documents
   */
  constructor(inner, options, codec) {
    super(inner);
    this.#codec = codec;
    const { touchAfter = 0, partialUpdates = false, preventResurrection = false } = options;
    /** Whether all this is of any use with the middleware. */
    this.inert = new InertOptions(options);
    this.#touchAfterMs = touchAfter * 1000;
    this.#partialUpdates = partialUpdates;
    this.#preventResurrection = preventResurrection;
  }

  /**
   * A store is made.
   *
   * @param {Function} Store the middleware's
   * @param {string[]} expiryKeys where in a session the middleware keeps its expiry, besides the cookie
   */
  madeOn(Store, expiryKeys) {
    this.#expiryKeys.push(...expiryKeys);
    this.#byItself = typeof Store.prototype.createSession !== 'function';
    this.inert.madeOn(this.#byItself);
  }

  /** A middleware makes its session object from what `get` gave. */
  handOver(data, session) {
    this.inert.handedOver();
    const loaded = this.#known.get(data);
    if (loaded !== undefined && typeof session === 'object' && session !== null) this.#known.set(session, loaded);
  }

  /** @returns {undefined|Loaded} undefined for a session that is new here, or known under another id */
  #of(session, id) {
    const loaded = this.#known.get(session) ?? this.#carriedBy(session);
    if (loaded === undefined) this.inert.sawStranger(id);
    return loaded?.id === id ? loaded : undefined;
  }

  #carriedBy(session) {
    const loaded = this.#byItself ? carriedBy(session) : undefined;
    if (loaded === undefined) return undefined;
    this.inert.handedOver();
    this.#known.set(session, loaded);
    return loaded;
  }

  /** Begins to know a session. */
  #remember(session, id) {
    const loaded = new Loaded(id);
    if (typeof session === 'object' && session !== null) this.#known.set(session, loaded);
    return loaded;
  }

  get(id, done) {
    this.inner.get(id, (error, found, expired) => {
      if (found) this.#found(id, found);
      done(error, found, expired);
    });
  }

  #found(id, found) {
    this.inert.got(id);
    const loaded = this.#remember(found.session, id);
    loaded.read(found, this.#compares ? found.bytes ?? this.#encoded(found.document.session) : null);
    if (this.#byItself) carry(found.session, loaded);
  }

  /** Whether saves are compared with what is stored. */
  get #compares() {
    return this.#partialUpdates || this.#savesMayBeTouches;
  }

  /** A middleware that has no `touch` saves a session to renew it, though nothing in it has changed. */
  get #savesMayBeTouches() {
    return this.#byItself && this.#touchAfterMs > 0;
  }

  write(id, save, done) {
    const known = this.#of(save.session, id) ?? this.#remember(save.session, id);
    if (this.#preventResurrection && known.stored) {
      save.creates = false;
      // Only under the id that it was found under can be seen whether it still exists.
      save.storedAs = known.storedAs;
    }
    // Its cookie may be the application's own object, to be changed while this is under way.
    const cookie = snapshotOf(save.stored.cookie);
    if (this.#savesMayBeTouches) {
      this.#codec.lend({ session: save.stored }, (bytes) => {
        if (this.#isFreshTouch(known, bytes, save.expires, cookie)) return done();
        save.bytes = bytes;
        this.#save(id, save, known, cookie, done);
      });
    } else this.#save(id, save, known, cookie, done);
  }

  #save(id, save, known, cookie, done) {
    const saving = new Saving(known);
    if (this.#partialUpdates) save.comparison = saving;
    else if (save.bytes !== null) saving.keep(save.bytes, 0, save.bytes.length);
    try {
      this.inner.write(id, save, (error, created) => {
        if (!error) known.succeeded(saving, save.expires, cookie);
        done(error, created);
      });
    } finally {
      // Not compared is what an application's own method stores, and what failed before it became BSON.
      if (!this.#partialUpdates || saving.isCompared || saving.compareApart(this.#encoded(save.stored))) known.begin(saving);
    }
  }

  /** @returns {null|Buffer} a document with the session in it; null for what cannot be encoded, and is not stored */
  #encoded(session) {
    try {
      return this.#codec.lend({ session }, (bytes) => copyOf(bytes, 0, bytes.length));
    } catch {
      return null;
    }
  }

  /** @returns {boolean} whether a save would do no more than a touch that is left out */
  #isFreshTouch(known, bytes, expires, cookie) {
    // A save without a cookie takes a stored one away.
    if ((cookie === undefined) !== (known.cookie === undefined)) return false;
    return known.isFresh(expires, cookie, this.#touchAfterMs) && known.isSame(bytes, this.#expiryKeys);
  }

  touch(id, renewal, done) {
    const { cookie, expires } = renewal;
    const known = this.#of(renewal.session, id);
    if (known?.isFresh(expires, cookie, this.#touchAfterMs)) return done();
    const copy = cookie && { ...cookie };
    this.inner.touch(id, renewal, (error) => {
      if (!error) known?.renewed(expires, copy ?? known.cookie);
      done(error);
    });
  }
}

module.exports = { Remembered };
