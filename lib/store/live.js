'use strict';

/** Which of the stored sessions are alive. */

const { fieldAt } = require('./session');

/** Matches what a read by id would find alive. */
function liveFilter(store) {
  return { [store.options.expiresKey]: { $not: { $lte: new Date() } } };
}

/** @returns {Promise<Array>} the ids of live sessions, as they are stored; documents of others may have any value there */
async function liveIds(store) {
  const { idField } = store.options;
  const projection = idField === '_id' ? { _id: 1 } : { _id: 0, [idField]: 1 };
  const documents = await store.collection.find(liveFilter(store), { projection }).toArray();
  return documents.map((document) => fieldAt(document, idField));
}

module.exports = { liveFilter, liveIds };
