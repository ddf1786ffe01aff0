'use strict';

const { report, storeError } = require('./report');

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
      if (error) report(store, storeError(describe(error), error), callback);
      else if (result === undefined) process.nextTick(callback);
      else process.nextTick(callback, null, result);
    });
    return undefined;
  }
  if (callback !== undefined && callback !== null) {
    throw new TypeError(`callback must be a function or left out; got ${typeof callback}`);
  }
  const promise = new Promise((resolve, reject) => {
    start(work, (error, result) => {
      if (!error) return resolve(result);
      const reported = storeError(describe(error), error);
      // Someone took the error: the promise nobody asked for must not raise it again.
      if (report(store, reported)) promise.catch(ignore);
      reject(reported);
    });
  });
  return promise;
}

function start(work, done) {
  try {
    work(done);
  } catch (error) {
    // In a later tick, so that no caller is called back before its call returned.
    process.nextTick(done, error instanceof Error ? error : new Error(String(error)));
  }
}

module.exports = { perform };
