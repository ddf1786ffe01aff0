'use strict';

const fs = require('node:fs');

const LISTEN = '0A';

/**
 * The TCP ports that this process listens on, whoever in it opened them.
 *
 * @returns {Set<string>|null} their sockets' numbers, which are never used again; null where the system does not list them (only Linux does)
 */
function listeningPorts() {
  if (process.platform !== 'linux') return null;
  const own = new Set(fs.readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return '';
    }
  }));
  const lines = fs.readFileSync('/proc/self/net/tcp', 'utf8').trim().split('\n').slice(1);
  return new Set(lines.map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === LISTEN && own.has(`socket:[${inode}]`))
    .map(([, , , , , , , , , inode]) => inode));
}

module.exports = { listeningPorts };
