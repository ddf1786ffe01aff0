'use strict';

const { Observation } = require('./observe');
const { report, storeError } = require('./report');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

const ignore = () => {};

/**
 * Runs one operation of a store and tells its caller how it ended: through the callback, which
 * runs in a tick of its own, or without one through the returned promise.
 *
 * @param {EventEmitter} store
 * @param {string} operation the method's name
 * @param {undefined|Function} callback
 * @param {function(Error): string} describe what was being done, for an error's message
 * @param {function(function(Error=, *=): void): void} work calls back once; may throw
 * @param {string|string[]} [id] of the session
 * @param {object} [session]
 * @returns {undefined|Promise<*>} undefined with a callback
 * @throws {TypeError} when the callback is neither a function nor left out
 */
function perform(store, operation, callback, describe, work, id, session) {
  if (typeof callback === 'function') {
    start(new Observation(store, operation, id, session), work, (error, result) => {
      if (error) report(store, storeError(describe(error), error), (reported) => callback(reported));
      else if (result === undefined) nextTick(callback);
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
  start(new Observation(store, operation, id, session), work, (error, result) => {
    if (!error) return resolve(result);
    report(store, storeError(describe(error), error), (reported, heard) => {
      // Someone took the error: the promise nobody asked for must not raise it again.
      if (heard) promise.catch(ignore);
      reject(reported);
    });
  });
  return promise;
}

function start(observation, work, done) {
  const ended = (error, result, created) => {
    observation.end(error, created);
    done(error, result);
  };
  try {
    work(ended);
  } catch (error) {
    ended(error instanceof Error ? error : new Error(String(error)));
  }
  observation.called();
}

module.exports = { perform };
