'use strict';

/** Puts together what a store works with: the native backend, and around it the layers that its options ask for. */

const { NativeStore } = require('../../native/store');
const { tellOf } = require('../observe/observation');
const { ownReadPreference } = require('../options/read-preference');
const { userFieldOf } = require('../session/user');
const { LiveSessions } = require('./live-sessions');
const { NativeBackend } = require('./native');
const { ReplacedMethods } = require('./replaced-methods');

/**
 * @param {object} options of the store, cast
 * @param {MongoClient} client
 * @param {Db} db
 * @returns {NativeStore} what the background thread has of the store
 */
function openNative(options, client, db) {
  const { collection, idField, expiresKey, batching = true, crypto, timestamps = false, watch } = options;
  const location = {
    database: db.databaseName, collection, idField, expiresKey, batching, timestamps, watch,
    crypto: crypto && require('../options/crypto').nativeCrypto(crypto),
    userField: userFieldOf(options), limitedLifetime: options.maxLifetime !== undefined,
    readPreference: ownReadPreference(options, client)
  };
  return new NativeStore(client.native, location);
}

/**
 * From the inside out, and in this order for a reason each:
 *
 * 1. `NativeBackend`: the background thread.
 * 2. `ReplacedMethods`, where documents can be seen: the application's methods take and give documents as they are
 *    stored. Or `Encrypted`, where they cannot.
 * 3. `AdaptedCrypto`: everything outside of it sees what an application's `cryptoAdapter` has encrypted.
 * 4. `LiveSessions`: everything outside of it sees sessions, and none that has expired.
 * 5. `LastModified`: it reads a date beside the session, and gives it to the session.
 * 6. `StoredIds`: everything outside of it uses the session's own id. It looks for a session under one stored id after
 *    the other, so that an expired one under the first does not hide a live one under the next.
 * 7. `Beside`, which stores more with what is saved, whichever way it is saved.
 * 8. `Remembered`, outermost: it decides how a session is saved. This one and the one before know sessions by the object
 *    that the application gets.
 *
 * Layers that the options do not ask for are not there, and not loaded.
 *
 * @param {MongoDBStore} store
 * @param {function(string): object} generateQuery the package's own `_generateQuery`
 * @param {Internals} internals as far as they are there: the native store, collections and options
 * @param {object} methods of the documented collection as they were, by name
 * @returns {{backend: Layer, beside: undefined|Beside, met: undefined|MetSessions, remembered: undefined|Remembered}} the
 *   outermost; those that are to hear which session object was made of which; and with `watch`, what knows the sessions
 *   that went by
 */
function openBackend(store, generateQuery, { native, collection, documented, options }, methods) {
  let backend = new NativeBackend(native, collection, options);
  if (options.crypto === undefined) backend = new ReplacedMethods(backend, store, generateQuery, documented.collection, methods, options);
  else backend = encrypted(backend, collection, options);
  if (options.cryptoAdapter !== undefined) backend = adaptedCrypto(backend, options);
  const idsOf = hasOtherIds(options) ? require('./stored-ids').storedIdsOf(options) : null;
  const met = options.watch ? metSessions(idsOf) : undefined;
  backend = new LiveSessions(backend, options, met);
  if (options.touchAfterModified > 0) backend = lastModified(backend, options);
  if (idsOf !== null) backend = storedIds(backend, met === undefined ? idsOf : met.noting(idsOf));
  const tellEnded = (ids) => tellOf(store, 'destroy', met === undefined ? ids : met.ownIds(ids));
  const beside = storesBeside(options) ? besideSessions(backend, options, tellEnded) : undefined;
  backend = beside ?? backend;
  const remembered = remembers(options) ? rememberedSessions(backend, options, native.codec) : undefined;
  return { backend: remembered ?? backend, beside, met, remembered };
}

function hasOtherIds({ transformId, hashIds }) {
  return transformId !== undefined || Boolean(hashIds);
}

function storesBeside({ user, maxLifetime }) {
  return user !== undefined || maxLifetime !== undefined;
}

function remembers({ touchAfter, partialUpdates, preventResurrection }) {
  return touchAfter > 0 || Boolean(partialUpdates || preventResurrection);
}

function encrypted(inner, collection, { idField }) {
  const { Encrypted } = require('./encrypted');
  return new Encrypted(inner, collection, idField);
}

function adaptedCrypto(inner, options) {
  const { AdaptedCrypto } = require('./adapted-crypto');
  return new AdaptedCrypto(inner, options);
}

function metSessions(idsOf) {
  const { MetSessions } = require('./met-sessions');
  return new MetSessions(idsOf);
}

function lastModified(inner, { touchAfterModified }) {
  const { LastModified } = require('./last-modified');
  return new LastModified(inner, touchAfterModified);
}

function storedIds(inner, idsOf) {
  const { StoredIds } = require('./stored-ids');
  return new StoredIds(inner, idsOf);
}

function besideSessions(inner, options, tellEnded) {
  const { Beside } = require('./beside');
  return new Beside(inner, options, tellEnded);
}

function rememberedSessions(inner, options, codec) {
  const { Remembered } = require('./remembered');
  return new Remembered(inner, options, codec);
}

module.exports = { openBackend, openNative };
