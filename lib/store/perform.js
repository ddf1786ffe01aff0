'use strict';

const { report, storeError } = require('./report');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

const ignore = () => {};

/**
 * Runs one operation of a store and tells its caller how it ended: through the callback, which
 * runs in a tick of its own, or without one through the returned promise.
 *
 * @param {EventEmitter} store
 * @param {undefined|Function} callback
 * @param {function(Error): string} describe what was being done, for an error's message
 * @param {function(function(Error=, *=): void): void} work calls back once; may throw
 * @returns {undefined|Promise<*>} undefined with a callback
 * @throws {TypeError} when the callback is neither a function nor left out
 */
function perform(store, callback, describe, work) {
  if (typeof callback === 'function') {
    start(work, (error, result) => {
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
  start(work, (error, result) => {
    if (!error) return resolve(result);
    report(store, storeError(describe(error), error), (reported, heard) => {
      // Someone took the error: the promise nobody asked for must not raise it again.
      if (heard) promise.catch(ignore);
      reject(reported);
    });
  });
  return promise;
}

function start(work, done) {
  try {
    work(done);
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}

module.exports = { perform };
