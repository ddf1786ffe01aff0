'use strict';

/**
 * Which writes may be sent twice.
 *
 * The facade's commands carry no transaction number, so a server cannot recognise one that is sent
 * again after a broken connection. Sending again is allowed only where doing it twice leaves the
 * same documents as doing it once:
 *
 * - `deleteMany`;
 * - `deleteOne`, `updateOne` and `replaceOne` of one document for sure: the filter gives its `_id`
 *   (otherwise the second time could hit the next match);
 * - `updateMany` that does not upsert;
 * - updates only with operators that set what they are given, whatever was there before.
 *
 * Counts in the result are those of the last time. Inserts and `findOneAnd…` are sent once.
 */

/** Applied twice, these do what they do once. */
const SETTING = new Set(['$set', '$unset', '$setOnInsert']);

function setsOnly(update) {
  return !Array.isArray(update) && Object.keys(update).every((operator) => SETTING.has(operator));
}

/** Whether a filter is about the document of one `_id`. */
function isPinned(filter) {
  const id = filter?._id;
  if (id === undefined || id === null || id instanceof RegExp) return false;
  if (typeof id !== 'object' || id._bsontype) return true;
  return !Object.keys(id).some((key) => key[0] === '$');
}

const idempotent = {
  updateOne: (filter, update) => isPinned(filter) && setsOnly(update),
  updateMany: (_filter, update, { upsert }) => upsert !== true && setsOnly(update),
  replaceOne: (filter) => isPinned(filter),
  deleteOne: (filter) => isPinned(filter),
  deleteMany: () => true
};

module.exports = { idempotent };
