'use strict';

/** One operation on several ids. */

/**
 * Does something under each id, until something is found.
 *
 * @param {string[]} ids at least one
 * @param {function(string, function(Error=, *=): void): void} find
 * @param {function(Error=, *=): void} done
 */
function firstOf([id, ...others], find, done) {
  if (others.length === 0) return find(id, done);
  find(id, (error, found) => (error || found !== undefined ? done(error, found) : firstOf(others, find, done)));
}

/**
 * Does something under each id. They go out together, in as few commands as batching allows.
 *
 * @param {string[]} ids
 * @param {function(string, function(Error=): void): void} work
 * @param {function(Error=): void} done the first error, once all have ended
 */
function eachOf(ids, work, done) {
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

module.exports = { eachOf, firstOf };
