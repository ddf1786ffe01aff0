'use strict';

/** The option `readPreference`: which members of a replica set sessions are read from. */

const { MODES } = require('../../connection/concerns');
const { warnOnce } = require('../warnings');

/** With these a session may be read that is older than the last save. */
const STALE = new Set(['secondary', 'secondaryPreferred', 'nearest']);

/**
 * @param {object} options of a store
 * @param {{readPreference?: {mode: string}}} client
 * @returns {undefined|{mode: string}} the store's own choice; undefined where it is what the client does anyway, with
 *   its tags
 */
function ownReadPreference({ readPreference }, client) {
  if (readPreference === undefined || readPreference === (client.readPreference?.mode ?? 'primary')) return undefined;
  return { mode: readPreference };
}

/**
 * Warns, once in a process, where sessions are read from members that may be behind and nobody chose that for sessions.
 *
 * @param {object} options of a store
 * @param {{readPreference?: {mode: string}}} client
 */
function warnAboutStaleReads({ readPreference }, client) {
  const mode = client.readPreference?.mode;
  if (readPreference !== undefined || !STALE.has(mode)) return;
  warnOnce(
    'MONGODB_STORE_STALE_READS',
    `Sessions are read with readPreference=${mode}, as the connection string or connectionOptions say: from members that may be behind. ` +
      'A login may be missing on the next page, a logout undone, a newer save lost. Give the store the option ' +
      `\`readPreference: 'primary'\` (\`store.client\` keeps its own), or \`readPreference: '${mode}'\` if it is meant so`
  );
}

module.exports = { READ_PREFERENCES: MODES, ownReadPreference, warnAboutStaleReads };
