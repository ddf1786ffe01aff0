'use strict';

/** The option `watch`: what other processes, and MongoDB itself, do to sessions is emitted by the store. */

const { fromNative } = require('../../errors');
const { doing, report, storeError } = require('../report');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

/** The server's code for a deployment without change streams: a standalone server. */
const ONLY_ON_REPLICA_SETS = 40573;

/**
 * Begins to emit what others do, and goes on until the store is closed, or nobody has it any more. The background
 * thread begins where the collection was when the store connected.
 *
 * @param {MongoDBStore} store
 * @param {Internals} internals of the store
 */
function startWatching(store, internals) {
  const { client: { native }, over } = internals;
  if (over || native.closed) return;
  listen(new WeakRef(store), new WeakRef(internals), native.generation);
}

/** As in `connectivity.js`: what the background thread keeps, must not keep the store. */
function listen(held, heldInternals, generation) {
  const internals = heldInternals.deref();
  if (internals === undefined || internals.over) return;
  const { native } = internals.client;
  if (native.closed || native.generation !== generation) return;
  internals.native.nextChanges(onChanges(held, heldInternals, generation));
}

function onChanges(held, heldInternals, generation) {
  return (closed, heard) => {
    const [store, internals] = [held.deref(), heldInternals.deref()];
    if (closed || store === undefined || internals === undefined || internals.over) return;
    if (heard.news.every((news) => tell(store, internals, news))) listen(held, heldInternals, generation);
    if (heard.lost > 0) tellError(store, { name: 'Error', message: `${heard.lost} changes came faster than they were listened to, and are not told` }, '');
  };
}

/** @returns {boolean} whether there will be more */
function tell(store, internals, { event, id, key, gap, refused }) {
  if (gap) tellError(store, gap, '. Changes before this moment may not have been told; those from now on are');
  else if (refused) tellError(store, refused, noteOn(refused));
  else tellChange(store, internals.met.of(event, id, key), event, key);
  return !refused;
}

function tellChange(store, session, event, key) {
  if (session === null) return;
  // A tick of its own: what a listener throws is its own uncaught exception.
  nextTick(() => store.emit(event, session.id, { storedId: session.storedId, key }));
}

function noteOn({ code }) {
  const reason = code === ONLY_ON_REPLICA_SETS ? 'The option `watch` needs a replica set (of one member, if need be) or a sharded cluster' : 'The option `watch` has no effect';
  return `. ${reason}: what other processes do to sessions is not told; everything else works`;
}

/** No caller waits for this, so there is nobody to throw the error at. A warning keeps it from passing unseen. */
function tellError(store, error, note) {
  report(store, storeError(doing.watching(), fromNative(error), note), (reported, heard) => {
    if (!heard) process.emitWarning(reported.message);
  });
}

module.exports = { startWatching };
