'use strict';

/** What users do with the package, one function for each kind of installation. All run on a real MongoDB. */

const assert = require('assert/strict');
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { OUTPUT, runnable } = require('./quick-start');

/** How long a release build may take. */
const BUILD_MS = 30 * 60_000;
const EXPRESS = ['express@5', 'express-session@1'];

const ES_MODULE = `
import session from 'express-session';
import connectMongoDBSession from 'connect-mongodb-session';
import { MongoClient } from 'connect-mongodb-session/driver';
import koaStore from 'connect-mongodb-session/koa';
const MongoDBStore = connectMongoDBSession(session);
const store = new MongoDBStore({ uri: process.env.MONGODB_URI });
await store.set('sid', { cookie: {}, user: 'ada' });
const ofKoa = koaStore({ uri: process.env.MONGODB_URI });
console.log((await ofKoa.get('sid')).user, store.client instanceof MongoClient && ofKoa.client instanceof MongoClient);
await store.db.dropDatabase();
await ofKoa.close();
await store.client.close();
`;

const BESIDE_THE_ORIGINAL = `
const assert = require('assert/strict');
const session = require('express-session');
const Original = require('connect-mongodb-session')(session);
const Native = require('native-sessions')(session);
const FromFile = require('sessions-from-file')(session);
const { MongoClient } = require('native-sessions/driver');
// Until its index is there: the original does not bear being closed before.
const open = (Store) => new Promise((resolve, reject) => {
  const store = new Store({ uri: process.env.MONGODB_URI, collection: 'beside' }, (error) => error ? reject(error) : resolve(store));
});
const ask = (store, method, ...args) => new Promise((resolve, reject) => {
  store[method](...args, (error, value) => error ? reject(error) : resolve(value));
});
(async () => {
  const [original, native, fromFile] = await Promise.all([Original, Native, FromFile].map(open));
  assert.equal(require('connect-mongodb-session/package.json').version, '5.0.0');
  assert.equal(original.length, undefined, 'the original has no length');
  assert.ok(native.client instanceof MongoClient);
  await ask(original, 'set', 'sid', { cookie: {}, user: 'ada' });
  assert.equal((await ask(native, 'get', 'sid')).user, 'ada');
  await ask(native, 'set', 'sid', { cookie: {}, user: 'bob' });
  assert.equal((await ask(original, 'get', 'sid')).user, 'bob');
  assert.equal((await ask(fromFile, 'get', 'sid')).user, 'bob');
  await native.db.dropDatabase();
  for (const store of [original, native, fromFile]) await store.client.close();
  console.log('side by side');
})();
`;

/** Writes a program into an application, and runs it. */
async function start(managers, app, name, source, run = (file) => managers.node(app, file)) {
  fs.writeFileSync(path.join(app, name), source);
  return (await run(name)).trim();
}

/** @returns {string[]} the packages of platforms that are installed in an application, wherever */
function installedPlatforms(app) {
  const found = new Set();
  const visit = (directory) => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const [, name] = /^(connect-mongodb-session-(?:linux|darwin|win32)-[a-z0-9-]+?)(?:@.*|-npm-.*)?$/.exec(entry.name) ?? [];
      if (name) found.add(name);
      if (entry.isDirectory() && entry.name !== 'bin') visit(path.join(directory, entry.name));
    }
  };
  const modules = path.join(app, 'node_modules');
  if (fs.existsSync(modules)) visit(modules);
  return [...found];
}

/** @param {import('./managers').Managers} managers */
async function withNpm(managers, { name, own, uri }) {
  const app = managers.app('npm');
  const before = Date.now();
  await managers.npm(app, 'install', name, ...EXPRESS);
  const seconds = ((Date.now() - before) / 1000).toFixed(1);
  assert.deepEqual(installedPlatforms(app), [own]);
  assert.equal(await start(managers, app, 'app.js', runnable(uri)), OUTPUT);
  managers.env.MONGODB_URI = uri;
  assert.equal(await start(managers, app, 'app.mjs', ES_MODULE), 'ada true');
  return `installed with express and express-session in ${seconds} s`;
}

async function asAlias(managers, { name, tarball, uri }) {
  const app = managers.app('alias');
  await managers.npm(app, 'install', 'connect-mongodb-session@5.0.0', 'express-session@1',
    `native-sessions@npm:${name}`, `sessions-from-file@file:${tarball}`);
  managers.env.MONGODB_URI = uri;
  assert.equal(await start(managers, app, 'app.js', BESIDE_THE_ORIGINAL), 'side by side');
}

async function withPnpm(managers, { name, own, uri }) {
  const app = managers.app('pnpm');
  await managers.other('pnpm', app, 'add', `${name}`, ...EXPRESS);
  assert.deepEqual(installedPlatforms(app), [own]);
  assert.equal(await start(managers, app, 'app.js', runnable(uri)), OUTPUT);
}

async function withClassicYarn(managers, { name, own, uri }) {
  const app = managers.app('yarn-classic');
  await managers.other('classic', app, 'add', '--non-interactive', name, ...EXPRESS);
  // It knows no libc: on Linux the other one comes along.
  assert.ok(installedPlatforms(app).includes(own));
  assert.equal(await start(managers, app, 'app.js', runnable(uri)), OUTPUT);
}

async function withYarn(managers, { name, own, uri }) {
  const app = managers.app('yarn');
  fs.writeFileSync(path.join(app, '.yarnrc.yml'), 'nodeLinker: node-modules\n');
  fs.writeFileSync(path.join(app, 'yarn.lock'), '');
  await managers.other('berry', app, 'add', name, ...EXPRESS);
  assert.deepEqual(installedPlatforms(app), [own]);
  assert.equal(await start(managers, app, 'app.js', runnable(uri)), OUTPUT);
}

async function withPlugAndPlay(managers, { name, uri }) {
  const app = managers.app('yarn-pnp');
  fs.writeFileSync(path.join(app, '.yarnrc.yml'), 'nodeLinker: pnp\n');
  fs.writeFileSync(path.join(app, 'yarn.lock'), '');
  await managers.other('berry', app, 'add', name, ...EXPRESS);
  const run = (file) => managers.other('berry', app, 'node', file);
  assert.equal(await start(managers, app, 'app.js', runnable(uri), run), OUTPUT);
}

/** The architectures that a Linux image may be of, in the words of pnpm and Yarn. */
const ARCHITECTURES = 'supportedArchitectures:\n  os: [linux]\n  cpu: [x64, arm64]\n  libc: [glibc, musl]\n';
const LINUX = ['linux-arm64-gnu', 'linux-arm64-musl', 'linux-x64-gnu', 'linux-x64-musl'];

/** For other platforms than this one, as docs/platforms.md says. */
async function forOtherPlatforms(managers, { name }) {
  const installed = (app) => installedPlatforms(app).map((each) => each.replace('connect-mongodb-session-', '')).sort();
  const app = managers.app('npm-elsewhere');
  await managers.npm(app, 'install', name);
  await managers.npm(app, 'ci', '--os=linux', '--cpu=arm64', '--libc=musl');
  assert.deepEqual(installed(app), ['linux-arm64-musl']);
  await managers.npm(app, 'ci', '--os=darwin', '--cpu=arm64');
  assert.deepEqual(installed(app), ['darwin-arm64']);
  const pnpm = managers.app('pnpm-elsewhere');
  fs.writeFileSync(path.join(pnpm, 'pnpm-workspace.yaml'), ARCHITECTURES);
  await managers.other('pnpm', pnpm, 'add', name);
  assert.deepEqual(installed(pnpm), LINUX);
  const yarn = managers.app('yarn-elsewhere');
  fs.writeFileSync(path.join(yarn, '.yarnrc.yml'), `nodeLinker: node-modules\n${ARCHITECTURES}`);
  fs.writeFileSync(path.join(yarn, 'yarn.lock'), '');
  await managers.other('berry', yarn, 'add', name);
  assert.deepEqual(installed(yarn), LINUX);
}

/** Without the platform's package: what is said, and where to go on. */
async function withoutBinary(managers, { name }) {
  const app = managers.app('without');
  await managers.npm(app, 'install', '--omit=optional', name, ...EXPRESS);
  assert.deepEqual(installedPlatforms(app), []);
  const { message } = await failure(managers.node(app, '-e', 'require("connect-mongodb-session")(require("express-session"))'));
  assert.match(message, /The package connect-mongodb-session-\S+ is not installed/);
  const [, file] = /run `node (\S+install\.js)`/.exec(message);
  assert.match((await failure(managers.node(app, file))).message, /Rust is not installed to build one/);
}

/** The suites that hold this package against the original, on the bundles that are published. */
async function withSuites(managers, { name, uri }) {
  const app = managers.app('suites');
  await managers.npm(app, 'install', name, 'express-session@1');
  const packed = path.join(app, 'node_modules', 'connect-mongodb-session');
  const env = { ...process.env, IMPL: 'ours', PACKED: packed, MONGODB_URI: uri };
  const args = [require.resolve('mocha/bin/mocha.js'), '--no-package', '--exit', '--timeout', '60000', '--reporter', 'dot', '--require',
    '__test__/support/server.js', '__test__/{parity,express,original}/*.test.js'];
  const said = await managers.run(process.execPath, path.join(__dirname, '..', '..'), args, env);
  return /\d+ passing/.exec(said)[0];
}

/** Where there is no binary: the main package is built as its own files say, in a directory where nothing else is. */
async function fromSource(managers, { name, uri }) {
  if (spawnSync('cargo', ['--version']).status !== 0) return 'skipped: there is no Rust on this machine';
  const app = managers.app('source');
  await managers.npm(app, 'install', '--omit=optional', name, ...EXPRESS);
  const main = path.join(app, 'node_modules', 'connect-mongodb-session');
  // What was compiled once is not compiled again: the compiler's files are the repository's.
  const env = { ...process.env, CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR ?? path.join(__dirname, '..', '..', 'target') };
  await managers.run(process.execPath, main, [path.join('tools', 'install.js')], env, BUILD_MS);
  assert.deepEqual(installedPlatforms(app), []);
  assert.equal(fs.readdirSync(main).filter((file) => file.endsWith('.node')).length, 1);
  assert.equal(await start(managers, app, 'app.js', runnable(uri)), OUTPUT);
}

/** @returns {Promise<Error>} the error of what has to fail */
async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail('it should have failed');
}

module.exports = { asAlias, forOtherPlatforms, fromSource, withClassicYarn, withNpm, withPlugAndPlay, withPnpm, withSuites, withYarn, withoutBinary };
