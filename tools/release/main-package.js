'use strict';

/**
 * The main package as it is published. It has a bundle for each entry where the repository has its sources, names the
 * platforms' packages, and runs nothing at installation, which package managers refuse or ask about.
 */

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { packageName, platforms } = require('../platform-package');
const { writeBundles } = require('./bundles');

const ROOT = path.join(__dirname, '..', '..');
/** What the bundles stand for; types stay as they are. */
const BUNDLED = /^(?!tools\/)(?!.*\.d\.ts$).*\.js$|^lib\/native\/binding\.d\.ts$/;

/** Provenance is refused unless the manifest names the repository that the workflow runs in. */
function repository({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env) {
  return server && name ? { repository: { type: 'git', url: `git+${server}/${name}.git` } } : {};
}

/** @returns {object} the published package.json */
function publishedManifest() {
  const manifest = { ...require('../../package.json') };
  for (const key of ['scripts', 'files', 'mocha', 'devDependencies', 'overrides', 'napi']) delete manifest[key];
  const optionalDependencies = Object.fromEntries(platforms().map((platform) => [packageName(platform), manifest.version]));
  return { ...manifest, ...repository(), optionalDependencies };
}

/**
 * Writes the main package into a directory.
 *
 * @param {string} directory is created
 * @returns {Promise<string[]>} the files in it: those that `npm pack` chooses, and the bundles
 */
async function writeMainPackage(directory) {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore']
  });
  const files = Object.values(JSON.parse(listed))[0].files.map((file) => file.path).filter((file) => !BUNDLED.test(file));
  for (const file of files) {
    fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, file), path.join(directory, file));
  }
  fs.writeFileSync(path.join(directory, 'package.json'), `${JSON.stringify(publishedManifest(), null, 2)}\n`);
  return [...files, ...await writeBundles(directory)];
}

module.exports = { publishedManifest, repository, writeMainPackage };
