'use strict';

/** `set` and `touch` of a store that remembers what was loaded. */

const codec = require('../../codec');
const { dateAt } = require('../session');
const { sessionBytes } = require('./elements');
const { patchPayload, wholePayload } = require('./payload');

const DOCUMENT = 3;
/** Where the value begins in the BSON of `{ session: value }`. */
const VALUE_AT = 4 + 'session'.length + 2;

/**
 * A session was read: by its document, and the document's bytes where they are at hand.
 */
function remember(store, id, session, document, buffer, start, end) {
  const sessions = store.loaded;
  const expires = dateAt(document, store.options.expiresKey)?.getTime();
  let bytes = null;
  if (sessions.partialUpdates) {
    bytes = buffer === undefined ? bytesOf(document.session) : sessionBytes(buffer.subarray(start, end));
  }
  sessions.remember(session, id, expires, session?.cookie, bytes);
}

/**
 * @param {object} store
 * @param {string} id
 * @param {*} session
 * @param {object} stored its stored form
 * @param {number} expires ms since 1970
 * @param {null|function(object, boolean, function)} replaced where the application put another method
 *   in the place of the driver's: takes what to store and whether to create it
 * @param {function(Error=, undefined, boolean=): void} done hears whether the session is new
 */
function set(store, id, session, stored, expires, replaced, done) {
  const { loaded: sessions, native } = store;
  const known = sessions.of(session, id);
  const creates = known === undefined || !sessions.preventResurrection;
  // Its cookie may be the application's own object, to be changed while this is under way.
  const cookie = { ...stored.cookie };
  const bytes = sessions.partialUpdates ? bytesOf(stored) : null;
  const save = known?.begin(bytes);
  const finished = (error, nothing, created) => {
    if (error) return done(error);
    if (known === undefined) sessions.remember(session, id, expires, cookie, bytes);
    else known.succeeded(save.number, bytes, expires, cookie);
    done(null, nothing, created);
  };
  const answered = (error, buffer, start, end) => finished(error, undefined, end > start);
  if (replaced !== null) return replaced(stored, creates, finished);
  if (save?.changes) return native.patch(id, patchPayload(save.changes, bytes), expires, creates, answered);
  if (bytes !== null) return native.write(id, wholePayload(bytes), expires, creates, answered);
  if (creates) return native.set(id, stored, expires, answered);
  return native.write(id, (buffer, offset) => codec.encodeInto(buffer, offset, { session: stored }), expires, false, answered);
}

/** @returns {null|Buffer} null when it is not stored as a document */
function bytesOf(stored) {
  const whole = codec.encode({ session: stored });
  return whole[4] === DOCUMENT ? whole.subarray(VALUE_AT, whole.length - 1) : null;
}

/** @param {undefined|object} cookie as stored */
function touch(store, id, session, cookie, expires, done) {
  const { loaded: sessions, native } = store;
  const known = sessions.of(session, id);
  if (known?.isFresh(expires, cookie, sessions.touchAfter)) return done();
  const copy = cookie && { ...cookie };
  native.touch(id, cookie, expires, (error) => {
    if (!error) known?.renewed(expires, copy ?? known.cookie);
    done(error);
  });
}

module.exports = { remember, set, touch };
