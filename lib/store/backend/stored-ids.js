'use strict';

const { createHash, createHmac } = require('crypto');
const { DerivedKey } = require('../session/derived-key');
const { Layer } = require('./layer');
const { goOn, whenAll } = require('./several');

const PURPOSE = 'session ids v1';

/**
 * The options `transformId` and `hashIds`: sessions are stored under other ids than their own. After a secret was
 * changed a session may still be stored under the id that an earlier secret gave; it is found there, and its next save
 * moves it.
 */
class StoredIds extends Layer {
  #idsOf;

  /**
   * @param {Layer} inner
   * @param {function(string): string[]} idsOf as `storedIdsOf` gives it
   */
  constructor(inner, idsOf) {
    super(inner);
    this.#idsOf = idsOf;
  }

  get(id, done) {
    this.#find(this.#idsOf(id), 0, done);
  }

  #find(ids, at, done) {
    if (at === ids.length - 1) return this.inner.get(ids[at], done);
    this.inner.get(ids[at], (error, found, expired) => {
      if (error || found) done(error, found);
      else goOn((ended) => this.#find(ids, at + 1, ended), (failure, later, laterExpired) => done(failure, later, expired || laterExpired));
    });
  }

  storedIds(id) {
    return this.#idsOf(id);
  }

  write(id, save, done) {
    const [current, ...earlier] = this.#idsOf(id);
    if (save.storedAs !== undefined && save.storedAs !== current) return this.inner.write(save.storedAs, save, done);
    if (earlier.length === 0) return this.inner.write(current, save, done);
    this.inner.write(current, save, (error, created) => {
      if (error) return done(error, created);
      goOn((ended) => whenAll(earlier, (each, one) => this.inner.destroy(each, undefined, one), ended), (failure) => done(failure, created));
    });
  }

  touch(id, renewal, done) {
    whenAll(this.#idsOf(id), (each, ended) => this.inner.touch(each, renewal, ended), done);
  }

  destroy(id, expires, done) {
    whenAll(this.#idsOf(id), (each, ended) => this.inner.destroy(each, expires, ended), done);
  }
}

/**
 * @param {object} options of a store, cast
 * @returns {null|function(string): string[]} null when sessions are stored under their own ids; gives the id that
 *   a session is stored under, and after it those of earlier secrets, under which it may still be stored. Throws
 *   a TypeError when `transformId` does not give one
 */
function storedIdsOf({ transformId, hashIds, crypto }) {
  if (transformId === undefined && !hashIds) return null;
  const transform = transformId === undefined ? (id) => id : (id) => transformed(transformId, id);
  if (!hashIds) return (id) => [transform(id)];
  if (crypto === undefined) return (id) => [createHash('sha256').update(transform(id)).digest('hex')];
  const keys = crypto.secret.map((secret) => new DerivedKey(secret, PURPOSE));
  return (id) => {
    const stored = transform(id);
    return keys.map((key) => createHmac('sha256', key.value).update(stored).digest('hex'));
  };
}

function transformed(transformId, id) {
  const stored = transformId(id);
  if (typeof stored === 'string' && stored !== '') return stored;
  // Not the value: the id may be in it.
  const kind = stored === '' ? 'an empty one' : stored === null ? 'null' : `a value of type ${typeof stored}`;
  throw new TypeError(`the option transformId must give a string that is not empty; got ${kind}`);
}

module.exports = { StoredIds, storedIdsOf };
