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
    // The signal returns before the last thread has stopped, and one is enough to answer.
    while (!stopped(server.pid)) await new Promise(setImmediate);
    return await work();
  } finally {
    await server.kill('SIGCONT');
  }
}

function stopped(pid) {
  const directory = `/proc/${pid}/task`;
  return fs.readdirSync(directory).every((thread) => {
    try {
      // "pid (name) state …", and the name may have parentheses in it.
      return fs.readFileSync(`${directory}/${thread}/stat`, 'utf8').split(') ').pop().startsWith('T');
    } catch {
      // It has ended since they were listed.
      return false;
    }
  });
}

module.exports = { cannotPause, whilePaused };
