'use strict';

/** `set` and `touch` of a store that remembers what was loaded. */

const codec = require('../../codec');
const { dateAt } = require('../session');
const { sessionBytes } = require('./elements');
const { patchPayload, payload } = require('./payload');

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
    bytes = buffer === undefined ? codec.lend({ session: document.session }, sessionBytes) : sessionBytes(buffer.subarray(start, end));
  }
  sessions.remember(session, id).read(expires, session?.cookie, bytes);
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
  const known = sessions.of(session, id) ?? sessions.remember(session, id);
  const creates = !known.stored || !sessions.preventResurrection;
  // Its cookie may be the application's own object, to be changed while this is under way.
  const cookie = { ...stored.cookie };
  const ending = (save) => (error, nothing, created) => {
    if (!error) known.succeeded(save, expires, cookie);
    done(error, nothing, created);
  };
  const answering = (finished) => (error, buffer, start, end) => finished(error, undefined, end > start);
  const document = { session: stored };
  if (replaced !== null) return replaced(stored, creates, ending(known.begin(null)));
  if (!sessions.partialUpdates) {
    const write = (buffer, offset) => codec.encodeInto(buffer, offset, document);
    return native.write(id, write, expires, creates, answering(ending(known.begin(null))));
  }
  codec.lend(document, (whole) => {
    const save = known.begin(sessionWithin(whole));
    const answered = answering(ending(save));
    if (save.changes?.addressable) native.patch(id, patchPayload(save.changes, whole), expires, creates, answered);
    else native.write(id, payload([whole]), expires, creates, answered);
  });
}

/** @returns {null|Buffer} the session in the BSON of `{ session }`; null when it is stored as something else */
function sessionWithin(whole) {
  return whole[4] === DOCUMENT ? whole.subarray(VALUE_AT, -1) : null;
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
