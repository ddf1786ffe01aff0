'use strict';

const { lazy } = require('../lazy');
const { internalsOf } = require('./internals');
const { report, storeError } = require('./report');

// Loaded when a store is opened (`own-client.js`), which is after its class was made.
const observing = lazy(() => require('./observe/observation'));

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

const ignore = () => {};

/**
 * Calls one of a store's methods and tells the caller how it ended: through the callback, which runs in a tick of its
 * own, or without one through the returned promise.
 *
 * @param {MongoDBStore} store
 * @param {Method} method (`methods.js`)
 * @param {undefined|Function} callback
 * @param {*} [subject] the method's first argument: an id, ids or a filter
 * @param {object} [session]
 * @returns {undefined|Promise<*>} undefined with a callback
 * @throws {TypeError} when the callback is neither a function nor left out
 */
function perform(store, method, callback, subject, session) {
  if (typeof callback === 'function') {
    begin(store, method, subject, session, (error, result) => {
      if (error) report(store, error, (reported) => callback(reported));
      else if (result === undefined) nextTick(callback, ...(method.plain ? [null] : []));
      else nextTick(callback, null, result);
    });
    return undefined;
  }
  if (callback !== undefined && callback !== null) {
    throw new TypeError(`callback must be a function or left out; got ${typeof callback}`);
  }
  let resolve, reject;
  const promise = new Promise((...settle) => {
    [resolve, reject] = settle;
  });
  begin(store, method, subject, session, (error, result) => {
    if (!error) return resolve(result);
    report(store, error, (reported, heard) => {
      // Someone took the error: the promise nobody asked for must not raise it again.
      if (heard) promise.catch(ignore);
      reject(reported);
    });
  });
  return promise;
}

/** Stores whose client is still awaited. */
const awaited = new WeakMap();

/**
 * @param {MongoDBStore} store
 * @param {Promise} client for which operations wait; they fail with it
 */
function waitFor(store, client) {
  awaited.set(store, client);
  client.then(() => awaited.delete(store), ignore);
}

/** @returns {undefined|Promise} for which operations of a store wait; undefined once they need not */
function opening(store) {
  return awaited.get(store);
}

/** Starts a call once the store has its client. */
function begin(store, method, subject, session, done) {
  const client = opening(store);
  if (client === undefined) return start(store, method, subject, session, done);
  const failed = (reason) => {
    const error = reason instanceof Error ? reason : new Error(String(reason));
    done(errorOf(method, error, subject, session));
  };
  client.then(() => start(store, method, subject, session, done), failed);
}

/** @param {function(Error=, *=): void} done gets the error as the application is to see it, or the result */
function start(store, method, subject, session, done) {
  const internals = internalsOf(store);
  const { Observation } = observing();
  const observation = new Observation(store, internals, method.name, subject, session);
  const ended = (error, value, expired) => {
    observation.end(error, value, expired);
    if (error) return done(errorOf(method, error, subject, session));
    const result = method.result === undefined ? undefined : method.result(value);
    method.announce?.(store, subject, result);
    done(null, result);
  };
  try {
    method.start(internals, ended, subject, session);
  } catch (error) {
    ended(error instanceof Error ? error : new Error(String(error)));
  }
  observation.called();
}

function errorOf(method, error, subject, session) {
  return method.plain ? error : storeError(method.doing(error, subject, session), error);
}

module.exports = { opening, perform, waitFor };
