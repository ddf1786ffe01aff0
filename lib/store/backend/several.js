'use strict';

/** One operation on several sessions, and one operation after another. */

/**
 * Does something under each id. They go out together, in as few commands as batching allows.
 *
 * @param {string[]} ids
 * @param {function(string, function(Error=): void): void} work
 * @param {function(Error=): void} done gets the first error, once all have ended
 */
function whenAll(ids, work, done) {
  if (ids.length === 0) return done();
  if (ids.length === 1) return work(ids[0], done);
  let left = ids.length;
  let failure;
  for (const id of ids) {
    work(id, (error) => {
      failure ??= error ?? undefined;
      if (--left === 0) done(failure);
    });
  }
}

/**
 * Begins an operation from the callback of another, where nobody would catch what it throws.
 *
 * @param {function(function(Error=, *=): void): void} work
 * @param {function(Error=, *=): void} done
 */
function goOn(work, done) {
  try {
    work(done);
  } catch (error) {
    done(error);
  }
}

/**
 * Says which of many sessions an error is about.
 *
 * @param {*} error
 * @param {*} id
 * @returns {*} the error
 */
function named(error, id) {
  // Not by assignment: an application's `unserialize` may throw what has no message of its own to change.
  if (error instanceof Error) Reflect.defineProperty(error, 'message', { value: `${id}: ${error.message}`, configurable: true, writable: true });
  return error;
}

module.exports = { goOn, named, whenAll };
