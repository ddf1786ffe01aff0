'use strict';

const { isStored } = require('../../../native/difference');
const { sameCookie, snapshotOf } = require('./cookie');

/**
 * One session, as it is stored as far as its holder knows.
 *
 * **Problem.** With `partialUpdates`, a save writes the keys in which the session differs from what is stored. An earlier
 * save of the same session may still be under way then, or may have failed, which does not say what the server did. Of
 * the keys that it writes nobody knows whether they are stored.
 *
 * **Rule.** Known for certain is `document`, with the patches that were stored `later`. Keys of saves that have not succeeded
 * are in doubt (`doubts`), and every later save writes them, whether they seem to differ or not. If such a save wrote the
 * whole session (`unknown`), there is nothing to compare with: sessions are saved whole until a save has succeeded that
 * began with it or after it.
 *
 * **Invariant.** Saves are numbered in the order in which they begin; they reach the server in the same order, one after the
 * other (`src/queue.rs`). The patch of the `last` save that has not succeeded has all keys that are in doubt, because each
 * save writes what was in doubt when it began.
 *
 * **Why this is safe.** In doubt a key is written once too often, never left out. A save that has succeeded settles all that
 * were begun before it: they are over, and it wrote their keys again. If one of those reports its success later
 * (`number < saved`), nothing changes.
 */
class Loaded {
  /** @param {string} id its own, whatever it is stored under */
  constructor(id) {
    this.id = id;
    /** The id that it was found under; undefined for one that was saved and never read. */
    this.storedAs = undefined;
    /** Whether it was read, or saved with success. */
    this.stored = false;
    this.expires = undefined;
    this.cookie = undefined;
    /** A document with the session in it, as it was read or last saved whole; null when only a whole write is right. @type {null|Buffer} */
    this.document = null;
    /** The patches that were stored since, one behind the other. @type {null|Buffer} */
    this.later = null;
    this.saves = 0;
    this.saved = 0;
    /** The last save that may have changed anything. */
    this.unknown = 0;
    /** The last save of some keys, while it is under way and when it has failed. @type {null|Saving} */
    this.last = null;
  }

  /**
   * It was read.
   *
   * @param {Found} found
   * @param {null|Buffer} document its own copy of the stored document, where saves are to be compared with it
   */
  read({ id, expires, session }, document) {
    this.stored = true;
    this.storedAs = id;
    this.document = document;
    this.renewed(expires?.getTime(), session?.cookie);
  }

  /** Whether what is stored is known, but for some keys. */
  get isComparable() {
    return this.document !== null && this.unknown <= this.saved;
  }

  /**
   * @returns {null|Buffer} a patch with the keys of which it is not known what is stored. Whatever was in doubt when a save
   *   began is saved with it, so the last one has them all
   */
  get doubts() {
    return this.last?.patch ?? null;
  }

  /** A save begins. */
  begin(saving) {
    saving.number = ++this.saves;
    if (saving.patch === null) this.unknown = saving.number;
    else this.last = saving;
  }

  /**
   * @param {Buffer} document with a session in it that is to be stored
   * @param {string[]} except top-level keys that do not count
   * @returns {boolean} whether all else is stored as it is there; false in doubt
   */
  isSame(document, except) {
    return this.isComparable && isStored(this.document, this.later, this.doubts, document, except);
  }

  /** A save has stored what it was to store. */
  succeeded({ number, patch, document }, expires, cookie) {
    this.stored = true;
    if (number < this.saved) return;
    this.saved = number;
    if (this.last !== null && this.last.number <= number) this.last = null;
    if (document !== null || patch === null) {
      this.document = document;
      this.later = null;
    } else {
      this.later = this.later === null ? patch : Buffer.concat([this.later, patch]);
    }
    this.renewed(expires, cookie);
  }

  /** The expiry and the cookie were stored. */
  renewed(expires, cookie) {
    this.expires = expires;
    this.cookie = snapshotOf(cookie);
  }

  /**
   * Whether a touch would move the expiry by less than `period` (ms), and change nothing else.
   * One that shortens a session's life is never left out.
   */
  isFresh(expires, cookie, period) {
    const moved = expires - this.expires;
    return moved >= 0 && moved < period && sameCookie(this.cookie, cookie);
  }
}

module.exports = { Loaded };
