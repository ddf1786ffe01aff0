'use strict';

/** What the layers of a backend hand to each other: outwards what was found, inwards what is to be stored. */

const { expiryOf } = require('../session/expiry');
const { serialized } = require('../session/serialization');
const { storedCookie, storedForm } = require('../session/stored-form');
const { asStored } = require('../session/without-undefined');

/** A stored session that was read. */
class Found {
  /**
   * @param {object} document as it is stored
   * @param {null|Buffer} bytes the same as BSON, where a layer asked for it and it was read as that
   */
  constructor(document, bytes) {
    this.document = document;
    this.bytes = bytes;
    /** The id that it is stored under. */
    this.id = undefined;
    /** When it expires: undefined for a document without a date, which never does. @type {undefined|Date} */
    this.expires = undefined;
    /** When it ends, however active it is; undefined where lifetimes are not limited. @type {undefined|Date} */
    this.ends = undefined;
    /** What the application gets. */
    this.session = undefined;
  }
}

/** A session that is to be stored. */
class Save {
  /**
   * @param {*} session the application's
   * @param {object} options of the store
   * @throws {Error} what a getter, a `toJSON` or the option `serialize` throws; a TypeError for what cannot be stored
   */
  constructor(session, options) {
    this.session = session;
    /** What is stored of it. */
    this.stored = options.serialize === undefined ? asStored(storedForm(session), options) : serialized(options, session);
    /** Milliseconds since 1970. */
    this.expires = expiryOf(session, options.expires);
    /** Whether to store it where there is no such session. */
    this.creates = true;
    /** The stored id under which it must stay; undefined to let the store's options say. */
    this.storedAs = undefined;
    /** `{ session: stored }` as BSON, valid only while `write` is called; null to be encoded there. */
    this.bytes = null;
    /** What finds out which keys of the session are to be written, where it becomes BSON; null to write it whole. @type {null|Saving} */
    this.comparison = null;
    /**
     * What is stored beside the session (`beside.js`), for the background thread to read: `set` and `unset`, paths of the
     * document with their values; `dated`, paths that get the server's time; `ends`, what no expiry goes beyond if no
     * such end is stored. Null for nothing.
     *
     * @type {null|{set?: object, unset?: object, dated?: object, ends?: Date}}
     */
    this.beside = null;
  }
}

/** A new expiry, and cookie, of a stored session. */
class Renewal {
  /**
   * @param {*} session the application's
   * @param {object} options of the store
   * @throws {Error} what a getter or a `toJSON` throws
   */
  constructor(session, options) {
    this.session = session;
    // Where an application keeps the cookie in what it stores, only the application knows.
    const hasCookie = session?.cookie !== undefined && session?.cookie !== null && options.serialize === undefined;
    /** As it is stored; undefined to leave the stored one alone. */
    this.cookie = hasCookie ? asStored(storedCookie(session.cookie), options) : undefined;
    /** Milliseconds since 1970. */
    this.expires = expiryOf(session, options.expires);
    /** What no expiry goes beyond if no such end is stored; undefined where lifetimes are not limited. @type {undefined|Date} */
    this.ends = undefined;
    /** Fields of the stored document that are set as well, by their paths. @type {undefined|object} */
    this.set = undefined;
  }
}

module.exports = { Found, Renewal, Save };
