'use strict';

/**
 * What a user gets: packs the main and the platform package, installs both in an empty application
 * with neither Rust nor a compiler on PATH, and runs a session through it on a real MongoDB.
 */

const assert = require('assert/strict');
const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { withMongod } = require('./mongod');
const { currentPlatform, writePlatformPackage } = require('./platform-package');

const ROOT = path.join(__dirname, '..');

/** Everything the main package may contain; a stray file fails the test. */
const CONTENT = [
  /^(index|driver)\.(js|d\.ts)$/,
  /^binding\.(js|d\.ts)$/,
  /^lib\/[\w/-]+(\.js|\.d\.ts)$/,
  /^src\/[\w/]+\.rs$/,
  /^(build\.rs|Cargo\.toml|Cargo\.lock|package\.json|LICENSE|README\.md|CHANGELOG\.md)$/,
  /^scripts\/(install|platform-package)\.js$/
];

const APP = `
'use strict';
const assert = require('assert/strict');
const express = require('express');
const session = require('express-session');
const MongoDBStore = require('connect-mongodb-session')(session);
const { MongoClient } = require('connect-mongodb-session/driver');

const store = new MongoDBStore({ uri: process.env.MONGODB_URI, databaseName: 'package_test' });
const app = express();
app.use(session({ secret: 'secret', store, resave: false, saveUninitialized: false }));
app.get('/', (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.json(req.session.views);
});
const server = app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  const first = await fetch(url);
  assert.equal(await first.json(), 1);
  const headers = { cookie: first.headers.get('set-cookie').split(';')[0] };
  assert.equal(await (await fetch(url, { headers })).json(), 2);
  assert.equal(await store.length(), 1);
  assert.ok(store.client instanceof MongoClient);
  await store.db.dropDatabase();
  await store.client.close();
  server.closeAllConnections();
  server.close();
  console.log('served');
});
`;

function npm(args, options) {
  const shell = process.platform === 'win32';
  return execFileSync('npm', args, { encoding: 'utf8', shell, stdio: ['ignore', 'pipe', 'inherit'], ...options });
}

function pack(directory, into) {
  const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', into], { cwd: directory }));
  return { ...packed, tarball: path.join(into, packed.filename) };
}

/** PATH with Node and the system's tools, and nothing that could build the addon. */
function pathWithoutCompilers(directory) {
  const tools = path.join(directory, 'bin');
  fs.mkdirSync(tools);
  for (const tool of ['node', 'npm', 'sh', 'env']) {
    const found = process.env.PATH.split(path.delimiter).map((place) => path.join(place, tool)).find((file) => fs.existsSync(file));
    if (found) fs.symlinkSync(fs.realpathSync(found), path.join(tools, tool));
  }
  return tools;
}

async function main(work) {
  const own = pack(ROOT, work);
  const stray = own.files.map((file) => file.path).filter((file) => !CONTENT.some((allowed) => allowed.test(file)));
  assert.deepEqual(stray, [], 'files that do not belong into the package');
  for (const needed of ['index.js', 'index.d.ts', 'driver.js', 'driver.d.ts', 'binding.js', 'lib/store/index.js']) {
    assert.ok(own.files.some((file) => file.path === needed), `${needed} is missing in the package`);
  }
  writePlatformPackage(currentPlatform(), path.join(work, 'platform'));
  const platform = pack(path.join(work, 'platform'), work);

  const app = path.join(work, 'app');
  fs.mkdirSync(app);
  fs.writeFileSync(path.join(app, 'package.json'), '{ "private": true }');
  const env = { ...process.env, PATH: process.platform === 'win32' ? process.env.PATH : pathWithoutCompilers(work) };
  const started = Date.now();
  npm(['install', '--no-audit', own.tarball, platform.tarball, 'express', 'express-session'], { cwd: app, env });
  const seconds = (Date.now() - started) / 1000;
  fs.writeFileSync(path.join(app, 'app.js'), APP);
  await withMongod({}, ({ uri }) => {
    const said = execFileSync(process.execPath, ['app.js'], {
      cwd: app,
      env: { ...env, MONGODB_URI: uri },
      encoding: 'utf8',
      timeout: 60_000
    });
    assert.equal(said.trim(), 'served');
  });
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  console.log(`main package: ${megabytes(own.size)} packed, ${megabytes(own.unpackedSize)} unpacked`);
  console.log(`platform package: ${megabytes(platform.size)} packed, ${megabytes(platform.unpackedSize)} unpacked`);
  console.log(`installed with express and express-session in ${seconds.toFixed(1)} s, without a compiler; it serves`);
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'package-test-'));
main(work)
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => fs.rmSync(work, { recursive: true, force: true }));
