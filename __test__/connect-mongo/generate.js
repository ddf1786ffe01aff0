#!/usr/bin/env node
'use strict';

/**
 * Makes `kruptein.json` anew, what versions of the package kruptein encrypt: `node __test__/connect-mongo/generate.js`. Each
 * is installed into a temporary directory. What connect-mongo itself stored with some of them stands in
 * `./versions/versions.json`.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

/** The last of each format, and the first and last of what connect-mongo 4 to 6 may have been installed with. */
const VERSIONS = ['2.2.3', '3.0.0', '3.0.8', '3.1.1', '3.1.3', '3.1.7', '3.2.1', '3.3.0', '3.4.0'];
const SECRET = 'Squirrel-4-squirrel-2-Squirrel-9!';
const SESSION = { cookie: { originalMaxAge: 86400000, expires: '2099-12-01T00:00:00.000Z', path: '/' }, passport: { user: 'Zoë' }, n: [1, -2.5, 4294967296, null, true] };
/** What connect-mongo gives: its defaults, and text or a document to encrypt. */
const DEFAULTS = { algorithm: 'aes-256-gcm', hashing: 'sha512', encodeas: 'base64', key_size: 32, iv_size: 16, at_size: 16 };
const WAYS = {
  'a text': [{}, JSON.stringify(SESSION)],
  'a document': [{}, SESSION],
  'a text, in hex': [{ encodeas: 'hex' }, JSON.stringify(SESSION)],
  'a text, with SHA-256': [{ hashing: 'sha256' }, JSON.stringify(SESSION)],
  'a text, with SHA-384': [{ hashing: 'sha384' }, JSON.stringify(SESSION)]
};

function install(version) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'kruptein-'));
  fs.writeFileSync(path.join(directory, 'package.json'), '{ "private": true }');
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', `kruptein@${version}`];
  const { status, stderr } = spawnSync('npm', args, { cwd: directory, encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`kruptein ${version} cannot be installed\n${stderr}`);
  return directory;
}

async function main() {
  const vectors = {};
  for (const version of VERSIONS) {
    const directory = install(version);
    const kruptein = createRequire(path.join(directory, 'index.js'))('kruptein');
    vectors[version] = {};
    for (const [way, [options, plain]] of Object.entries(WAYS)) {
      const instance = kruptein({ ...DEFAULTS, ...options });
      vectors[version][way] = await promisify(instance.set).call(instance, SECRET, plain);
    }
    fs.rmSync(directory, { recursive: true, force: true });
    console.log(version);
  }
  const file = path.join(__dirname, 'kruptein.json');
  fs.writeFileSync(file, `${JSON.stringify({ secret: SECRET, session: SESSION, vectors }, null, 2)}\n`);
}

main();
