'use strict';

/**
 * Ends a mongod when the process that started it ends, in whatever way: its end of the pipe on our
 * standard input closes then. Arguments: the mongod's pid, and directories to remove after it.
 */

const fs = require('fs');

const GRACE_MS = 5000;
const POLL_MS = 50;

const pid = Number(process.argv[2]);
const directories = process.argv.slice(3);

function signal(name) {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

async function end() {
  const deadline = Date.now() + GRACE_MS;
  // A stopped process cannot act on SIGTERM.
  signal('SIGCONT');
  signal('SIGTERM');
  while (signal(0) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  signal('SIGKILL');
  for (const directory of directories) fs.rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

process.stdin.on('close', end).resume();
// The terminal's Ctrl-C goes to the whole group; this process has work to do after it.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});
