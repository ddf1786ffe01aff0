'use strict';

/** One server that is killed under load, is not there at first, has no room left, or does not let the store write. */

const { Checks } = require('../checks');
const parts = [require('./standalone/restarts'), require('./standalone/late-start'), require('./standalone/disk-full'), require('./standalone/read-only')];

/**
 * @param {{contestant: string, options: {rounds: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const checks = new Checks();
  const figures = {};
  for (const part of parts) {
    progress(part.title);
    Object.assign(figures, await part.run({ contestant, options, checks, progress }));
  }
  return { checks: checks.list, figures };
}

module.exports = {
  title: 'Standalone',
  how: 'one server with `journal: true`, killed and restarted under load; absent at first; on a full disk; read-only',
  long: { rounds: 10 },
  short: { rounds: 2 },
  run
};
