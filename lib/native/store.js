'use strict';

const codec = require('../codec');
const { call, nothing } = require('./call');
const { readCursor } = require('./client');
const operations = require('./operations');
const { openStore, stats, submit, submitUnawaited } = require('./realm');

/**
 * A store of the background thread: the operations of one collection, point operations batched.
 *
 * Point operations take a callback `done(error, result)` that must not run user code: they are
 * the hot path, and a promise each would cost more than the rest of the way.
 */
class NativeStore {
  /** Private: there may be a secret in it. */
  #location;

  /**
   * @param {NativeClient} client
   * @param {{database: string, collection: string, idField: string, expiresKey: string, batching: boolean, crypto?: object}} location
   */
  constructor(client, location) {
    this.client = client;
    this.#location = JSON.stringify(location);
    this.opened = 0;
    this.generation = -1;
  }

  get handle() {
    const { handle, generation } = this.client;
    if (this.generation !== generation) {
      this.opened = openStore(handle, this.#location);
      this.generation = generation;
    }
    return this.opened;
  }

  /** The stored document, or undefined; and its bytes (buffer, start, end), valid only while `done` runs. */
  get(sid, done) {
    submit(operations.GET, this.handle, sid, NaN, null, (error, buffer, start, end) => {
      if (error) return done(error);
      if (start === end) return done(null, undefined);
      let document;
      try {
        document = codec.decode(buffer, start, end);
      } catch (malformed) {
        return done(malformed);
      }
      done(null, document, buffer, start, end);
    });
  }

  /** Creates or replaces a session, expiring at `expires` (ms since 1970). */
  set(sid, session, expires, done) {
    const document = { session };
    submit(operations.SET, this.handle, sid, expires, (buffer, offset) => {
      return codec.encodeInto(buffer, offset, document);
    }, done);
  }

  /** Stores the session that `write` writes as `{ session }`; where there is none, only if it `creates`. */
  write(sid, write, expires, creates, done) {
    submit(creates ? operations.SET : operations.REPLACE, this.handle, sid, expires, write, done);
  }

  /** Changes keys of a session (`lib/store/loaded/payload.js`); one that is gone is stored whole if it `creates`. */
  patch(sid, write, expires, creates, done) {
    submit(creates ? operations.PATCH : operations.PATCH_EXISTING, this.handle, sid, expires, write, done);
  }

  /** Moves the expiry of a session that is there, and its cookie if there is one to set. */
  touch(sid, cookie, expires, done) {
    const write = cookie === undefined ? null : (buffer, offset) => {
      return codec.encodeInto(buffer, offset, { 'session.cookie': cookie });
    };
    submit(operations.TOUCH, this.handle, sid, expires, write, done);
  }

  /** Deletes a session; with an expiry (ms since 1970, else NaN) only while it still has that one. */
  destroy(sid, expires, done) {
    submit(operations.DESTROY, this.handle, sid, expires, null, done);
  }

  /** @returns {object} what its commands and its pool come to, in numbers; empty when the client is closed */
  stats() {
    return this.client.closed ? {} : JSON.parse(stats(this.handle) ?? '{}');
  }

  /**
   * Waits for its next commands to end. Keeps no process alive.
   *
   * @param {function(Error|null, object[]=): void} done must not throw and must not run user code
   */
  nextCommands(done) {
    submitUnawaited(operations.COMMANDS, this.handle, '', NaN, null, (error, buffer, start, end) => {
      if (error) done(error);
      else done(null, codec.decode(buffer, start, end).commands);
    });
  }

  /** @returns {Promise<void>} when every document of the collection is deleted */
  async clear() {
    return call(operations.CLEAR, this.handle, '', null, nothing);
  }

  /** @returns {Promise<object[]>} the stored documents of live sessions */
  async all() {
    const cursor = await call(operations.ALL, this.handle, '', null, readCursor);
    const documents = [];
    for (let batch = await cursor.nextBatch(); batch !== null; batch = await cursor.nextBatch()) {
      for (const document of batch) documents.push(document);
    }
    return documents;
  }

  /** @returns {Promise<number>} how many live sessions there are */
  async length() {
    return call(operations.LENGTH, this.handle, '', null, (buffer, start) => buffer.readDoubleLE(start));
  }

  /** @returns {Promise<void>} when the expiry index, and the id's where it is not `_id`, are there */
  async ensureIndexes(expireAfterSeconds) {
    const write = (buffer, offset) => {
      return offset + 8 > buffer.length ? -1 : buffer.writeDoubleLE(expireAfterSeconds, offset);
    };
    return call(operations.ENSURE_INDEXES, this.handle, '', write, nothing);
  }
}

module.exports = { NativeStore };
