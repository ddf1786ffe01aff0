'use strict';

const fs = require('node:fs');

/** Why a process cannot be stopped and continued here; null if it can. */
const cannotPause = fs.existsSync('/proc/self/task') ? null : 'needs /proc to see that every thread has stopped';

/**
 * Runs `work` while a server is stopped: its connections stay open and nothing is answered.
 *
 * @param {{pid: number, kill: function(string): Promise<void>}} server
 * @param {function(): Promise<*>} work
 * @returns {Promise<*>} what `work` gives
 */
async function whilePaused(server, work) {
  await server.kill('SIGSTOP');
  try {
    return await work();
  } finally {
    await server.kill('SIGCONT');
  }
}

module.exports = { cannotPause, whilePaused };
