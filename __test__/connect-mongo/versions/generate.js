#!/usr/bin/env node
'use strict';

/**
 * Makes `versions.json` anew: for versions of connect-mongo before the one that is a dev dependency, the names of their
 * options, and documents that their own code stored. Each is installed, with a driver of its time, into a temporary
 * directory: `node __test__/connect-mongo/versions/generate.js`.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const os = require('node:os');
const path = require('node:path');
const { EJSON } = require('bson');
const { MongoClient } = require('mongodb');
const { withMongod } = require('../../../tools/mongod');

/** With what else of their time they are installed. */
const VERSIONS = {
  '3.2.0': [], '4.1.0': [], '4.6.0': ['mongodb@4'], '5.1.0': ['mongodb@5']
};
const SECRET = 'Squirrel-4-squirrel-2-Squirrel-9!';
const WAYS = {
  'as JSON text, its default': {},
  'as documents': { stringify: false },
  'with touchAfter': { touchAfter: 3600 },
  'as documents, with touchAfter': { stringify: false, touchAfter: 3600 },
  'with transformId': { transformId: (sid) => `sess:${sid}` },
  'with serialize': { serialize: ({ cookie, ...data }) => ({ cookie: cookie.toJSON(), ...data, by: 'serialize' }) },
  encrypted: { crypto: { secret: SECRET } },
  'encrypted, in hex': { crypto: { secret: SECRET, encodeas: 'hex' } }
};

function install(version) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'connect-mongo-'));
  fs.writeFileSync(path.join(directory, 'package.json'), '{ "private": true }');
  const packages = [`connect-mongo@${version}`, 'express-session@1', ...VERSIONS[version]];
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', ...packages];
  const { status, stderr } = spawnSync('npm', args, { cwd: directory, encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`connect-mongo ${version} cannot be installed\n${stderr}`);
  return directory;
}

/** @returns {string[]} of the store, and those of `crypto` with a point */
function optionsOf(directory) {
  const root = path.join(directory, 'node_modules', 'connect-mongo');
  const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');
  if (fs.existsSync(path.join(root, 'src', 'crypto.js'))) {
    const names = ['src/index.js', 'src/crypto.js'].flatMap((file) => [...read(file).matchAll(/\boptions\.(\w+)/g)]);
    return [...new Set(names.map(([, name]) => name))].sort();
  }
  return declared(read('build/main/lib/MongoStore.d.ts'));
}

/** @returns {string[]} what the types of connect-mongo 4 to 6 declare */
function declared(types) {
  const namesOf = (type) => {
    const [, body] = new RegExp(`type ${type}\\b[^{]*= \\{(.*?)\\n\\};`, 's').exec(types);
    return [...body.matchAll(/^\s+(\w+)\??:/gm)].map(([, name]) => name);
  };
  return [...namesOf('ConnectMongoOptions'), ...namesOf('CryptoOptions').map((name) => `crypto.${name}`)].sort();
}

/** Lets a store of this version save a session, and touch one that is not encrypted; what is stored then. */
async function stored(version, load, uri, options) {
  const client = await MongoClient.connect(uri);
  const session = load('express-session');
  const connectMongo = load('connect-mongo');
  let store;
  if (version.startsWith('3.')) {
    const { crypto, ...others } = options;
    store = new (connectMongo(session))({ url: uri, ...others, ...crypto });
  } else {
    store = (connectMongo.default ?? connectMongo).create({ mongoUrl: uri, ...options });
  }
  const cookie = new session.Cookie({ expires: new Date('2099-12-01T00:00:00.000Z'), sameSite: 'lax' });
  cookie.originalMaxAge = 86_400_000;
  const data = { cookie, passport: { user: 'ada' }, cart: [{ id: 1, count: 2 }], since: new Date('2020-02-20T20:20:20.000Z') };
  const done = (method, ...args) => new Promise((resolve, reject) => {
    store[method](...args, (error, value) => (error ? reject(error) : resolve(value)));
  });
  try {
    await done('set', 'sid', data);
    cookie.expires = new Date('2099-12-31T23:59:59.000Z');
    if (!options.crypto) await done('touch', 'sid', data);
    const [found] = await client.db().collection('sessions').find().toArray();
    const document = EJSON.serialize(found, { relaxed: false });
    // What was encrypted they cannot all read themselves, on a Node.js of today.
    if (options.crypto) return { document };
    const read = await done('get', 'sid');
    return { document, session: JSON.parse(JSON.stringify({ ...read, lastModified: undefined })) };
  } finally {
    await client.close();
    await store.close();
  }
}

async function main() {
  const versions = {};
  await withMongod({ own: true }, async (server) => {
    for (const version of Object.keys(VERSIONS)) {
      const directory = install(version);
      const load = createRequire(path.join(directory, 'index.js'));
      const sessions = {};
      for (const [way, options] of Object.entries(WAYS)) {
        const database = `v${version}w${Object.keys(sessions).length}`.replaceAll('.', '_');
        const uri = server.uri.replace(/^(mongodb:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`);
        sessions[way] = await stored(version, load, uri, { ...options, autoRemove: 'disabled' });
      }
      versions[version] = { options: optionsOf(directory), sessions };
      fs.rmSync(directory, { recursive: true, force: true });
      console.log(version, versions[version].options.length, 'options');
    }
  });
  fs.writeFileSync(path.join(__dirname, 'versions.json'), `${JSON.stringify(versions, null, 2)}\n`);
}

if (require.main === module) main();

module.exports = { declared };
