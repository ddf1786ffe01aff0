'use strict';

/**
 * Sees the updates that the server was sent, by its profiler.
 *
 * @param {import('mongodb').MongoClient} witness
 * @param {string} databaseName
 */
async function profile(witness, databaseName) {
  const db = witness.db(databaseName);
  await db.command({ profile: 2 });
  return {
    /** @returns {Promise<object[]>} the updates of this session, as the server ran them */
    updates: (collection, sid) => db.collection('system.profile').find({
      op: 'update', ns: `${databaseName}.${collection}`, 'command.q._id': sid
    }).sort({ $natural: 1 }).toArray()
  };
}

module.exports = { profile };
