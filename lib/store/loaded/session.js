'use strict';

const { changedKeys } = require('./changes');
const { sameCookie, snapshotOf } = require('./cookie');
const { elementsOf } = require('./elements');

/** One session, as it is stored as far as its holder knows. */
class Loaded {
  /** @param {string} id that it is stored under, or will be */
  constructor(id) {
    this.id = id;
    /** Whether it was read, or saved with success. */
    this.stored = false;
    this.expires = undefined;
    this.cookie = undefined;
    /** The stored session's elements by key; null when only a whole write is right. */
    this.elements = null;
    /** The same as BSON, until somebody asks. */
    this.bytes = null;
    this.saves = 0;
    this.saved = 0;
    /** The last save that may have changed anything. */
    this.unknown = 0;
    /** Keys whose stored value is not known: the number of the last save under way, or failed, that wrote them. */
    this.uncertain = new Map();
  }

  /** It was read. */
  read(expires, cookie, bytes) {
    this.stored = true;
    this.bytes = bytes;
    this.renewed(expires, cookie);
  }

  /**
   * A save begins.
   *
   * @param {null|Buffer} bytes the session to be stored as BSON, valid only now; null when it is not compared
   * @returns {{number: number, changes: null|object, elements: null|Map<string, Buffer>}} what has to be
   *   written (`changedKeys`), null for everything: its elements are what is stored then
   */
  begin(bytes) {
    const number = ++this.saves;
    if (this.bytes !== null) {
      this.elements = elementsOf(this.bytes);
      this.bytes = null;
    }
    if (bytes !== null && this.elements !== null && this.unknown <= this.saved) {
      const now = elementsOf(bytes);
      if (now !== null) {
        const changes = changedKeys(this.elements, now, this.uncertain);
        for (const key of changes.keys) this.uncertain.set(key, number);
        return { number, changes, elements: null };
      }
    }
    this.unknown = number;
    return { number, changes: null, elements: bytes && elementsOf(Buffer.from(bytes)) };
  }

  /** What `begin` gave was stored. */
  succeeded({ number, changes, elements }, expires, cookie) {
    this.stored = true;
    if (number < this.saved) return;
    this.saved = number;
    for (const [key, last] of this.uncertain) if (last <= number) this.uncertain.delete(key);
    if (changes === null) {
      this.elements = elements;
    } else {
      for (const [key, element] of changes.set) this.elements.set(key, element);
      for (const key of changes.unset) this.elements.delete(key);
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
