'use strict';

const { decode } = require('../codec');
const { call, documents, nothing } = require('./call');
const { Opcode } = require('./binding');
const { openStore, readError, stats, submit, submitUnawaited } = require('./realm');

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
    this.codec = client.sessionCodec;
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

  /**
   * Reads the stored document.
   *
   * @param {string} sid
   * @param {function(Buffer, number, number): *} read makes the result of its bytes, and must copy what it keeps
   * @param {function(Error|null, *=): void} done gets undefined when there is none
   */
  get(sid, read, done) {
    submit(Opcode.Get, this.handle, sid, NaN, null, (error, buffer, start, end) => {
      if (error) return done(error);
      if (start === end) return done(null, undefined);
      let result;
      try {
        result = read(buffer, start, end);
      } catch (malformed) {
        return done(malformed);
      }
      done(null, result);
    });
  }

  /**
   * Stores the session that `write` writes as `{ session }`, with fields beside it perhaps; where there is none, only if it `creates`.
   * `done` gets whether it was created.
   */
  write(sid, write, expires, creates, done) {
    submit(creates ? Opcode.Set : Opcode.Replace, this.handle, sid, expires, write, created(done));
  }

  /**
   * Changes keys of a session: `write` writes the whole one and, behind it, a patch or that there is none
   * (`difference.js`). One that is gone is stored whole if it `creates`. `done` gets whether it was created.
   */
  patch(sid, write, expires, creates, done) {
    submit(creates ? Opcode.Patch : Opcode.PatchExisting, this.handle, sid, expires, write, created(done));
  }

  /**
   * Moves the expiry of a session that is there, and sets fields of it, if there are any to set.
   *
   * @param {string} sid
   * @param {undefined|object} fields by their paths in the stored document, such as `session.cookie`
   * @param {number} expires ms since 1970
   * @param {undefined|Date} ends what no expiry goes beyond, if no such end is stored; undefined where nothing ends so
   * @param {function(Error|null): void} done
   */
  touch(sid, fields, expires, ends, done) {
    const parts = fields === undefined ? [] : [fields];
    if (ends !== undefined) parts[1] = { ends };
    const write = parts.length === 0 ? null : documents(this.codec, parts[0] ?? {}, ...parts.slice(1));
    submit(Opcode.Touch, this.handle, sid, expires, write, (error) => done(error));
  }

  /** Deletes a session; with an expiry (ms since 1970, else NaN) only while it still has that one. */
  destroy(sid, expires, done) {
    submit(Opcode.Destroy, this.handle, sid, expires, null, (error) => done(error));
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
    submitUnawaited(Opcode.Commands, this.handle, '', NaN, null, (error, buffer, start, end) => {
      if (error) done(error);
      else done(null, decode(buffer, start, end).commands);
    });
  }

  /**
   * Waits for what others change. Keeps no process alive.
   *
   * @param {function(Error|null, {news: object[], lost: number}=): void} done gets it in order, and how many changes
   *   were lost behind it because nobody asked for them; must not throw and must not run user code
   */
  nextChanges(done) {
    submitUnawaited(Opcode.Changes, this.handle, '', NaN, null, (error, buffer, start, end) => {
      if (error) done(error);
      else done(null, decode(buffer, start, end));
    });
  }

  /**
   * Announces that the application's own collection is about to write a session, so that this is not taken for another's.
   *
   * @param {string} sid
   * @param {number} expires that it stores, in ms since 1970; NaN if it deletes the session
   */
  writesItself(sid, expires) {
    submitUnawaited(Opcode.WritesItself, this.handle, sid, expires, null, () => {});
  }

  /** @returns {Promise<void>} when every document of the collection is deleted */
  async clear() {
    return call(Opcode.Clear, this.handle, '', null, nothing);
  }

  /** @returns {Promise<object[]>} the stored documents of live sessions, by this thread's clock: a test may have set it */
  async all() {
    const { NativeCursor } = require('./cursor');
    const cursor = await call(Opcode.All, this.handle, '', null, (...reply) => new NativeCursor(this.codec, ...reply), Date.now());
    const all = [];
    for (let batch = await cursor.nextBatch(); batch !== null; batch = await cursor.nextBatch()) {
      for (const document of batch) all.push(document);
    }
    return all;
  }

  /** @returns {Promise<number>} how many live sessions there are, by the same clock */
  async length() {
    return call(Opcode.Length, this.handle, '', null, (buffer, start) => buffer.readDoubleLE(start), Date.now());
  }

  /** @returns {Promise<void>} when the expiry index, and the id's where it is not `_id`, are there */
  async ensureIndexes(expireAfterSeconds) {
    return call(Opcode.EnsureIndexes, this.handle, '', double(expireAfterSeconds), nothing);
  }

  /**
   * Makes sure of the indexes once there is a server. Keeps no process alive.
   *
   * @param {number} expireAfterSeconds
   * @param {function(Error|null): void} done must not throw and must not run user code; not called for a store that is
   *   closed before
   */
  ensureIndexesLater(expireAfterSeconds, done) {
    const open = whileOpen(this.client);
    submitUnawaited(Opcode.EnsureIndexesLater, this.handle, '', NaN, double(expireAfterSeconds), (failed, buffer, start, end) => {
      if (open()) done(failed ? readError(buffer, start, end) : null);
    });
  }
}

/** Does not keep the client: what waits in the background thread is kept for as long as it waits. */
function whileOpen(client) {
  const { generation } = client;
  const held = new WeakRef(client);
  return () => {
    const known = held.deref();
    return known !== undefined && !known.closed && known.generation === generation;
  };
}

/** @returns {function(Buffer, number): number} writes a number as a payload (see `submit`) */
function double(number) {
  return (buffer, offset) => (offset + 8 > buffer.length ? -1 : buffer.writeDoubleLE(number, offset));
}

/** What a write answers is empty for a session that was there. */
function created(done) {
  return (error, buffer, start, end) => done(error, end > start);
}

module.exports = { NativeStore };
