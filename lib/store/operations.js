'use strict';

/**
 * The operations of a store, each with two ways to MongoDB: the background thread's batched
 * operations, and the methods of `store.collection` where an application or its tests have
 * replaced those.
 */

const { Collection } = require('../driver/collection');
const { hasExpiryIndex } = require('./auto-remove');
const { isEncrypted } = require('./crypto');
const { eachOf, firstOf } = require('./each');
const { liveFilter, liveIds } = require('./live');
const loaded = require('./loaded/operations');
const { serialized } = require('./serialization');
const { dateAt, expiryOf, fieldAt, sessionOf, storedCookie, storedForm } = require('./session');
const { isArray, shown } = require('./shown');

/** Encrypted sessions that `all` has read at a time. */
const AT_ONCE = 1000;

/** The facade's own methods: what else stands in their place was put there on purpose. */
const OWN = {};
for (const name of ['createIndex', 'deleteMany', 'deleteOne', 'find', 'countDocuments', 'findOne', 'updateOne']) {
  OWN[name] = Collection.prototype[name];
}

/** Whether an operation takes the batched way; encrypted sessions know no other. */
function isOwn(store, name) {
  return store.options.crypto !== undefined || (store.collection[name] === OWN[name] && store.collection instanceof Collection);
}

/** Lets a promise end like a background operation. */
function settle(promise, done) {
  promise.then((value) => done(null, value), done);
}

function checkId(id) {
  if (typeof id === 'string') return;
  const type = id === null ? 'null' : isArray(id) ? 'an array' : `a value of type ${typeof id}`;
  throw new TypeError(`the session id must be a string; got ${type} (${shown(id, { depth: 0, maxStringLength: 40 })})`);
}

function get(store, id, done) {
  checkId(id);
  if (store.storedIds === null) getStored(store, id, done);
  else firstOf(store.storedIds(id), (stored, found) => getStored(store, stored, found), done);
}

/** @param {string} id that the session is stored under */
function getStored(store, id, done) {
  const found = (error, document, buffer, start, end) => {
    if (error) return done(error);
    if (!document) return done();
    const expires = dateAt(document, store.options.expiresKey);
    if (expires !== undefined && Date.now() >= expires.getTime()) {
      return destroyStale(store, id, expires, (failure) => {
        if (failure) failure.whileDestroying = true;
        done(failure);
      });
    }
    let session;
    try {
      session = sessionOf(document, store.options);
    } catch (malformed) {
      return done(malformed);
    }
    if (store.loaded) loaded.remember(store, id, session, document, buffer, start, end);
    done(null, session);
  };
  if (isOwn(store, 'findOne')) store.native.get(id, found);
  else settle(store.collection.findOne(store._generateQuery(id)), found);
}

/** Deletes an expired session unless it was renewed since it was read. */
function destroyStale(store, id, expires, done) {
  if (isOwn(store, 'deleteOne')) return store.native.destroy(id, expires.getTime(), done);
  const query = { ...store._generateQuery(id), [store.options.expiresKey]: expires };
  settle(store.collection.deleteOne(query), (error) => done(error));
}

/** @param {function(Error=, undefined, boolean=): void} done hears whether the session is new */
function set(store, id, session, done) {
  checkId(id);
  if (store.storedIds === null) return setStored(store, id, session, done);
  const ids = store.storedIds(id);
  const [stored, ...earlier] = ids;
  // One that was loaded under an earlier secret's id stays there: whether it still exists is told by that one.
  const loadedAs = store.loaded?.preventResurrection ? ids.find((each) => store.loaded.of(session, each) !== undefined) : stored;
  if (loadedAs !== undefined && loadedAs !== stored) return setStored(store, loadedAs, session, done);
  setStored(store, stored, session, (error, nothing, created) => {
    if (error || earlier.length === 0) return done(error, nothing, created);
    eachOf(earlier, (each, ended) => destroyStored(store, each, ended), (failure) => done(failure, nothing, created));
  });
}

function setStored(store, id, session, done) {
  const stored = store.options.serialize === undefined ? storedForm(session) : serialized(store.options, session);
  const expires = expiryOf(session, store.options.expires);
  if (store.loaded) {
    const replaced = isOwn(store, 'updateOne') ? null : (...what) => update(store, id, expires, ...what);
    return loaded.set(store, id, session, stored, expires, replaced, done);
  }
  if (isOwn(store, 'updateOne')) {
    return store.native.set(id, stored, expires, (error, buffer, start, end) => done(error, undefined, end > start));
  }
  update(store, id, expires, stored, true, done);
}

/** A save through the method that an application put in the place of `collection.updateOne`. */
function update(store, id, expires, stored, upsert, done) {
  const fields = { ...store._generateQuery(id), session: stored, [store.options.expiresKey]: new Date(expires) };
  settle(store.collection.updateOne(store._generateQuery(id), { $set: fields }, { upsert }), (error, result) => done(error, undefined, result?.upsertedCount > 0));
}

function touch(store, id, session, done) {
  checkId(id);
  if (store.storedIds === null) touchStored(store, id, session, done);
  else eachOf(store.storedIds(id), (stored, ended) => touchStored(store, stored, session, ended), done);
}

function touchStored(store, id, session, done) {
  // Where an application keeps the cookie in what it stores, only it knows.
  const hasCookie = session?.cookie !== undefined && session?.cookie !== null && store.options.serialize === undefined;
  const cookie = hasCookie ? storedCookie(session.cookie) : undefined;
  const expires = expiryOf(session, store.options.expires);
  if (store.loaded) loaded.touch(store, id, session, cookie, expires, done);
  else store.native.touch(id, cookie, expires, (error) => done(error));
}

function destroy(store, id, done) {
  checkId(id);
  if (store.storedIds === null) destroyStored(store, id, done);
  else eachOf(store.storedIds(id), (stored, ended) => destroyStored(store, stored, ended), done);
}

function destroyStored(store, id, done) {
  if (isOwn(store, 'deleteOne')) store.native.destroy(id, NaN, (error) => done(error));
  else settle(store.collection.deleteOne(store._generateQuery(id)), (error) => done(error));
}

function clear(store, done) {
  const cleared = isOwn(store, 'deleteMany') ? store.native.clear() : store.collection.deleteMany({});
  settle(cleared, (error) => done(error));
}

function all(store, done) {
  if (store.options.crypto) return settle(decrypted(store), done);
  const found = isOwn(store, 'find') ? store.native.all() : store.collection.find(liveFilter(store)).toArray();
  settle(found.then((documents) => documents.map((document) => withSession(store, document))), done);
}

/** Encrypted sessions are read one by one, which is: many at once. */
async function decrypted(store) {
  const ids = await liveIds(store);
  const documents = [];
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const some = ids.slice(start, start + AT_ONCE).map((id) => readStored(store, id));
    documents.push(...await Promise.all(some));
  }
  return documents.filter(Boolean).map((document) => withSession(store, document));
}

function readStored(store, id) {
  // Somebody else's document: no session has such an id.
  if (typeof id !== 'string') return store.collection.findOne(store._generateQuery(id));
  return new Promise((resolve, reject) => {
    store.native.get(id, (error, stored) => (error ? reject(named(error, id)) : resolve(stored)));
  });
}

/** Says which of many sessions an error is about. */
function named(error, id) {
  // Not by assignment: an application's `unserialize` may throw what has no message of its own to change.
  if (error instanceof Error) Reflect.defineProperty(error, 'message', { value: `${id}: ${error.message}`, configurable: true, writable: true });
  return error;
}

function withSession(store, document) {
  const { session } = document;
  const { serialize, unserialize } = store.options;
  if (typeof session !== 'string' && !isEncrypted(session) && serialize === undefined && unserialize === undefined) return document;
  try {
    return { ...document, session: sessionOf(document, store.options) };
  } catch (error) {
    throw named(error, fieldAt(document, store.options.idField));
  }
}

function length(store, done) {
  const counted = isOwn(store, 'countDocuments')
    ? store.native.length()
    : store.collection.countDocuments(liveFilter(store));
  settle(counted, done);
}

/** @returns {Promise<void>} when the store's indexes are there */
async function ensureIndexes(store) {
  const { createIndexes = true, expiresKey, expiresAfterSeconds } = store.options;
  if (!createIndexes) return;
  const expires = hasExpiryIndex(store.options);
  if (isOwn(store, 'createIndex')) return store.native.ensureIndexes(expires ? expiresAfterSeconds : NaN);
  if (!expires) return;
  await store.collection.createIndex({ [expiresKey]: 1 }, { expireAfterSeconds: expiresAfterSeconds });
}

module.exports = { all, checkId, clear, destroy, ensureIndexes, get, length, set, settle, touch };
