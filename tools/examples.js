#!/usr/bin/env node
'use strict';

/**
 * Installs and builds the examples that have a package.json, as somebody who copied them would, but with the store of
 * this repository: `npm run test:examples`. With names, only those.
 */

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const ROOT = path.join(__dirname, '..');
const EXAMPLES = path.join(ROOT, 'examples');
/** Not in node_modules: what lies there is compiled by no framework. */
const PLACE = path.join(ROOT, 'target', 'examples');
const OUR_NAME = require('../package.json').name;

/** @returns {string[]} */
function names() {
  return fs.readdirSync(EXAMPLES).filter((name) => fs.existsSync(path.join(EXAMPLES, name, 'package.json')));
}

const directory = (name) => path.join(PLACE, name);
const manifestOf = (name) => JSON.parse(fs.readFileSync(path.join(EXAMPLES, name, 'package.json'), 'utf8'));

/** What an installation depends on; it is made anew when this changes. */
function state(name) {
  return JSON.stringify(manifestOf(name));
}

/** @returns {string|null} why an example cannot run on this Node.js; null: it can */
function refusal(name) {
  const [major, minor] = /^>=(\d+)(?:\.(\d+))?/.exec(manifestOf(name).engines.node).slice(1).map((part) => Number(part ?? 0));
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor) ? null : `it takes Node.js ${manifestOf(name).engines.node}`;
}

/** @returns {boolean} whether it is installed as it is now */
function isInstalled(name) {
  const stamp = path.join(directory(name), '.installed');
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === state(name);
}

function npm(name, ...args) {
  const result = spawnSync('npm', args, { cwd: directory(name), encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.status !== 0) throw new Error(`${name}: npm ${args.join(' ')} failed\n${result.stdout}\n${result.stderr}`);
}

/** Copies, installs and builds an example. */
function install(name) {
  const target = directory(name);
  if (!isInstalled(name)) {
    fs.rmSync(target, { recursive: true, force: true });
    fs.mkdirSync(target, { recursive: true });
    // The store of this repository is linked; everything else comes from the registry.
    const { dependencies, ...manifest } = manifestOf(name);
    delete dependencies[OUR_NAME];
    fs.writeFileSync(path.join(target, 'package.json'), JSON.stringify({ ...manifest, dependencies }));
    npm(name, 'install', '--no-audit', '--no-fund', '--no-package-lock', '--fetch-retries=6');
    fs.symlinkSync(ROOT, path.join(target, 'node_modules', OUR_NAME), 'junction');
    fs.writeFileSync(path.join(target, '.installed'), state(name));
  }
  for (const entry of fs.readdirSync(path.join(EXAMPLES, name))) {
    if (!['node_modules', 'package.json', 'dist', '.next'].includes(entry)) {
      fs.cpSync(path.join(EXAMPLES, name, entry), path.join(target, entry), { recursive: true });
    }
  }
  if (manifestOf(name).scripts.build) npm(name, 'run', 'build');
}

if (require.main === module) {
  const asked = process.argv.slice(2);
  for (const name of asked.length ? asked : names()) {
    const started = Date.now();
    const refused = refusal(name);
    if (refused === null) install(name);
    console.log(`${name}: ${refused === null ? `installed in ${((Date.now() - started) / 1000).toFixed(1)} s` : `skipped, ${refused}`}`);
  }
}

module.exports = { directory, isInstalled, names, refusal };
