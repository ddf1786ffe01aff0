'use strict';

/**
 * The main package as it is published. It differs from the repository's in its manifest only: it names the
 * platforms' packages, and runs nothing at installation, which package managers refuse or ask about.
 */

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { packageName, platforms } = require('../platform-package');

const ROOT = path.join(__dirname, '..', '..');

/** Provenance is refused unless the manifest names the repository that the workflow runs in. */
function repository({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env) {
  return server && name ? { repository: { type: 'git', url: `git+${server}/${name}.git` } } : {};
}

/** @returns {object} the published package.json */
function publishedManifest() {
  const manifest = { ...require('../../package.json') };
  for (const key of ['scripts', 'devDependencies', 'overrides', 'napi']) delete manifest[key];
  const optionalDependencies = Object.fromEntries(platforms().map((platform) => [packageName(platform), manifest.version]));
  return { ...manifest, ...repository(), optionalDependencies };
}

/**
 * Writes the main package into a directory.
 *
 * @param {string} directory is created
 * @returns {string[]} the files in it, as `npm pack` chooses them
 */
function writeMainPackage(directory) {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore']
  });
  const files = Object.values(JSON.parse(listed))[0].files.map((file) => file.path);
  for (const file of files) {
    fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, file), path.join(directory, file));
  }
  fs.writeFileSync(path.join(directory, 'package.json'), `${JSON.stringify(publishedManifest(), null, 2)}\n`);
  return files;
}

module.exports = { publishedManifest, repository, writeMainPackage };
