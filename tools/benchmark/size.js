'use strict';

/** What installing a contestant takes on disk. */

const fs = require('fs');
const path = require('path');
const { packageRoot } = require('./contestants');

/** What every app with sessions has anyway. */
const NOT_COUNTED = new Set(['express-session']);
const ALWAYS = ['package.json', 'README.md', 'LICENSE'];

/**
 * @param {Contestant} one
 * @returns {null|{bytes: number, packages: number}} the package with all that it needs; null: it is none
 */
function installedSize(one) {
  if (one.packageName === null) return null;
  const seen = new Map();
  visit(packageRoot(one), one.packageName === '..', seen);
  const bytes = [...seen.values()].reduce((sum, size) => sum + size, 0);
  return { bytes, packages: seen.size };
}

function visit(root, isThisPackage, seen) {
  const directory = fs.realpathSync(root);
  if (seen.has(directory)) return;
  const manifest = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'));
  seen.set(directory, isThisPackage ? ownBytes(directory, manifest) : bytesOf(directory));
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  for (const name of [...Object.keys(dependencies), ...peers]) {
    if (!NOT_COUNTED.has(name)) visit(locate(name, directory), false, seen);
  }
}

/** Where Node would find a package from a directory. */
function locate(name, from) {
  for (let directory = from; ; directory = path.dirname(directory)) {
    const candidate = path.join(directory, 'node_modules', name);
    if (fs.existsSync(path.join(candidate, 'package.json'))) return candidate;
    if (directory === path.dirname(directory)) throw new Error(`${name}, which ${from} needs, is not installed`);
  }
}

/** The disk space of all files and directories, in whole blocks, without packages that lie inside. */
function bytesOf(file) {
  const stat = fs.lstatSync(file);
  // Not known on Windows.
  const own = stat.blocks === undefined ? stat.size : stat.blocks * 512;
  if (!stat.isDirectory()) return own;
  return fs.readdirSync(file)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + bytesOf(path.join(file, name)), own);
}

/** What this package publishes, with the addon of this platform. */
function ownBytes(directory, { files }) {
  const { binaryName, currentPlatform } = require('../platform-package');
  return [...new Set([...ALWAYS, ...files, binaryName(currentPlatform())])]
    .map((name) => path.join(directory, name))
    .filter((file) => fs.existsSync(file))
    .reduce((sum, file) => sum + bytesOf(file), 0);
}

module.exports = { installedSize };
