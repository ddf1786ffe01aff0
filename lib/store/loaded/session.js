'use strict';

const { changedKeys } = require('./changes');
const { sameCookie, snapshotOf } = require('./cookie');

/** One session, as it is stored as far as its holder knows. */
class Loaded {
  constructor(id, expires, cookie, bytes) {
    this.id = id;
    this.expires = expires;
    this.cookie = snapshotOf(cookie);
    /** The stored session as BSON; null when only a whole write is right. */
    this.bytes = bytes;
    this.saves = 0;
    this.saved = 0;
    /** Keys whose stored value is not known: the number of the last save under way, or failed, that wrote them. */
    this.uncertain = new Map();
  }

  /**
   * A save begins.
   *
   * @param {null|Buffer} bytes the session to be stored as BSON
   * @returns {{number: number, changes: null|object}} what has to be written; null for everything
   */
  begin(bytes) {
    const number = ++this.saves;
    const changes = this.bytes === null || bytes === null ? null : changedKeys(this.bytes, bytes, this.uncertain);
    if (changes !== null) for (const key of changes.keys) this.uncertain.set(key, number);
    return { number, changes: changes?.addressable ? changes : null };
  }

  /** The save of this number was stored. */
  succeeded(number, bytes, expires, cookie) {
    if (number < this.saved) return;
    this.saved = number;
    for (const [key, last] of this.uncertain) if (last <= number) this.uncertain.delete(key);
    this.bytes = bytes;
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
