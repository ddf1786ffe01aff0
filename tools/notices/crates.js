'use strict';

/** The crates that are linked into the addon, on any platform that it is published for. */

const { execFileSync } = require('child_process');
const { createHash } = require('crypto');
const fs = require('fs');
const path = require('path');
const { platforms } = require('../platform-package');

const ROOT = path.join(__dirname, '..', '..');

function cargo(...args) {
  return execFileSync('cargo', [...args, '--locked'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] });
}

/**
 * @returns {{name: string, version: string, license: string, authors: string[], directory: string}[]} by name and
 *   version; not what only builds or tests it. Cargo downloads those that are not there
 */
function linkedCrates() {
  const known = new Map(JSON.parse(cargo('metadata', '--format-version', '1')).packages.map((one) => [`${one.name} ${one.version}`, one]));
  const targets = platforms().flatMap(({ target }) => ['--target', target]);
  const tree = cargo('tree', '--edges', 'normal,no-proc-macro', '--prefix', 'none', '--no-dedupe', '--format', '{p}', ...targets);
  const names = new Set(tree.split('\n').map((line) => line.replace(/^(\S+) v(\S+).*$/, '$1 $2')).filter((name) => name.trim() !== ''));
  return [...names].filter((name) => !name.startsWith('connect-mongodb-session ')).sort().map((id) => {
    const { name, version, license, authors, manifest_path: manifest } = known.get(id);
    return { name, version, license, authors, directory: path.dirname(manifest) };
  });
}

/** @returns {string} changes when Cargo.lock names other crates or versions than before; needs no network and no cargo */
function lockFingerprint(lock = fs.readFileSync(path.join(ROOT, 'Cargo.lock'), 'utf8')) {
  const crates = [...lock.matchAll(/^name = "(.+)"\r?\nversion = "(.+)"$/gm)].map(([, name, version]) => `${name} ${version}`);
  const others = crates.filter((crate) => !crate.startsWith('connect-mongodb-session ')).sort();
  return createHash('sha256').update(others.join('\n')).digest('hex').slice(0, 16);
}

module.exports = { ROOT, linkedCrates, lockFingerprint };
