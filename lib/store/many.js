'use strict';

/** Operations on several sessions that the application chooses. */

const { eachOf } = require('./each');
const { checkedFilter } = require('./filter');
const { liveIds } = require('./live');
const operations = require('./operations');

/**
 * Deletes sessions by id.
 *
 * @param {MongoDBStore} store
 * @param {string[]} list ids
 * @param {function(Error=): void} done the first error, once all have ended
 * @throws {TypeError} before any is deleted, when one is no string
 */
function destroyAll(store, list, done) {
  for (const id of list) operations.checkId(id);
  eachOf(list, (id, ended) => operations.destroy(store, id, ended), done);
}

/**
 * Deletes the sessions that a filter matches.
 *
 * @param {MongoDBStore} store
 * @param {object} filter on the stored documents, in MongoDB's query language
 * @param {function(Error=, number=): void} done gets how many were deleted
 * @throws {TypeError} when it is no plain object, or empty: that would be `clear()`
 */
function destroyWhere(store, filter, done) {
  const checked = checkedFilter(filter);
  operations.settle(store.collection.deleteMany(checked).then(({ deletedCount }) => deletedCount), done);
}

/** @param {function(Error=, string[]=): void} done gets the ids of live sessions, as they are stored */
function ids(store, done) {
  operations.settle(liveIds(store), done);
}

module.exports = { destroyAll, destroyWhere, ids };
