'use strict';

/**
 * Ends sessions that were looked up before. Between the two, one of them may have been given to somebody else: it is not
 * to be ended then, nor are listeners to hear that it was. So the filter that found the sessions goes with the command
 * that deletes them, and where fewer were deleted the database is asked which are left.
 *
 * @param {Layer} backend
 * @param {string} idField
 * @param {object} filter that found the sessions
 * @param {string[]} ids that they are stored under
 * @returns {Promise<{count: number, gone: string[]}>} how many were deleted, and the ids of those that are not there any more
 */
async function endSessions(backend, idField, filter, ids) {
  const byId = { [idField]: { $in: ids } };
  backend.ownDeletions(ids);
  const count = await backend.destroyWhere({ $and: [filter, byId] });
  // Writes that nobody acknowledges have no count.
  if (!(count < ids.length)) return { count, gone: ids };
  const left = await backend.idsWhere(byId, { readPreference: 'primary' });
  return { count, gone: without(ids, left) };
}

/** Ids that others stored may be objects, such as ObjectIds. */
function without(ids, left) {
  const stay = new Set(left.map(String));
  return ids.filter((id) => !stay.has(String(id)));
}

module.exports = { endSessions, without };
