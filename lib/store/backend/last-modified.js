'use strict';

const { types } = require('util');
const { Layer } = require('./layer');

/**
 * connect-mongo's way to leave out touches (`touchAfter`): the stored document has the date `lastModified` of the last
 * save or touch that was not left out; `get` gives it to the session, and a touch of a session that has it is left out
 * when it is not old enough.
 */
class LastModified extends Layer {
  #touchAfterMs;

  /**
   * @param {Layer} inner
   * @param {number} touchAfterMs
   */
  constructor(inner, touchAfterMs) {
    super(inner);
    this.#touchAfterMs = touchAfterMs;
  }

  get(id, done) {
    this.inner.get(id, (error, found, expired) => {
      const { session, document } = found ?? {};
      // Not by a setter of what an application's `unserialize` gave.
      if (document?.lastModified && typeof session === 'object' && session !== null) Reflect.set(session, 'lastModified', document.lastModified);
      done(error, found, expired);
    });
  }

  write(id, save, done) {
    save.beside = { ...save.beside, set: { ...save.beside?.set, lastModified: new Date() } };
    this.inner.write(id, save, done);
  }

  touch(id, renewal, done) {
    const lastModified = renewal.session?.lastModified;
    if (types.isDate(lastModified)) {
      if (Date.now() - lastModified.getTime() < this.#touchAfterMs) return done();
      renewal.set = { ...renewal.set, lastModified: new Date() };
    }
    this.inner.touch(id, renewal, done);
  }
}

module.exports = { LastModified };
