'use strict';

/**
 * Runs test files of connect-mongo, unmodified, on the door. They are written for ava, supertest and a MongoDB at a
 * fixed address; here they get stand-ins for the first two, and the shared server for the last.
 */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const { createRequire } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');
const esbuild = require('esbuild');
const { MongoClient } = require('mongodb');
const door = require('../../lib/entries/connect-mongo');
const { mongoUri, testClient, uniqueName } = require('../support/server');

/** Where the files believe that there is a server. */
const THEIR_ADDRESS = /^mongodb:\/\/root:example@127\.0\.0\.1:27017\/?/;

/** The databases that their tests, and others', would share. */
const SHARED = ['test', 'testDb', 'itegration-test-db', 'integration-test-db'];

/** ava's assertions, as far as the files use them. */
const assertions = {
  is: (actual, expected) => assert.equal(actual, expected),
  not: (actual, expected) => assert.notEqual(actual, expected),
  deepEqual: (actual, expected) => assert.deepEqual(plain(actual), plain(expected)),
  true: (actual) => assert.equal(actual, true),
  truthy: (actual) => assert.ok(actual),
  throws: (work, { message }) => assert.throws(work, (error) => matches(error.message, message)),
  throwsAsync: (work, { message } = {}) => assert.rejects(work, (error) => message === undefined || matches(error.message, message)),
  notThrowsAsync: (work) => assert.doesNotReject(work)
};

function matches(text, expected) {
  return typeof expected === 'string' ? text === expected : expected.test(text);
}

/** Titles of tests that a pause of the machine may fail: here, that a second has not passed between a save and a touch. */
const HURRIED = ['touch ops with touchAfter'];

/** Cookies of express-session compare by what is in them. */
function plain(value) {
  return typeof value?.toJSON === 'function' ? value.toJSON() : value;
}

/** ava's `test`, as mocha's `it`, which runs tests one after the other too. */
function avaOn(left) {
  const declare = (title, run) => {
    if (title in left) it.skip(`${title} (left out: ${left[title]})`);
    else it(title, run).retries(HURRIED.includes(title) ? 3 : 0);
  };
  const test = (title, run) => declare(title, () => run({ ...assertions, log: () => {}, fail: (why) => assert.fail(why) }));
  test.cb = (title, run) => declare(title, (done) => run({ ...assertions, end: done }));
  test.serial = test;
  test.before = (run) => before(() => run(assertions));
  test.afterEach = (run) => afterEach(() => run(assertions));
  test.afterEach.always = test.afterEach;
  return test;
}

/** supertest, as far as the files use it: requests to an application, with the cookies that it has set. */
function supertest(app) {
  return agent(app);
}

function agent(app) {
  const server = http.createServer(app);
  let cookie;
  const request = async (pathname, headers) => {
    if (!server.listening) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    const response = await fetch(`http://127.0.0.1:${server.address().port}${pathname}`, { headers: { cookie, connection: 'close', ...headers } });
    const set = response.headers.getSetCookie();
    if (set.length > 0) cookie = set[0].split(';')[0];
    return { status: response.status, headers: { 'set-cookie': set }, body: await response.json() };
  };
  const get = (pathname) => {
    const headers = {};
    let expected;
    const send = async () => {
      const response = await request(pathname, headers);
      if (expected !== undefined) assert.equal(response.status, expected);
      return response;
    };
    const chain = {
      set: (name, value) => Object.assign(headers, { [name]: value }) && chain,
      expect: (status) => ((expected = status), chain),
      then: (...handlers) => send().then(...handlers),
      end: (done) => send().then((response) => done(null, response), done)
    };
    return chain;
  };
  return { get };
}

supertest.agent = agent;

function fromTypeScript(file, text) {
  const define = { 'import.meta.url': JSON.stringify(pathToFileURL(file)) };
  const { code } = esbuild.transformSync(text, { loader: 'ts', format: 'cjs', target: 'node18', supported: { 'dynamic-import': false }, define });
  return code;
}

/**
 * Declares the tests of some files. Call within `describe`.
 *
 * @param {string} root directory that the files' relative requires stay within
 * @param {string[]} files relative to it
 * @param {Object<string, string>} [left] titles of tests that are left out, each with the reason
 */
function runSpecs(root, files, left = {}) {
  const databases = new Map();
  const clients = [];
  let address, start;
  const started = new Promise((resolve) => (start = resolve));

  /** Each of their databases is one that no other test uses. */
  const database = (name) => {
    if (!SHARED.includes(name)) return name;
    if (!databases.has(name)) databases.set(name, uniqueName('connect_mongo'));
    return databases.get(name);
  };
  const ours = (url) => url.replace(THEIR_ADDRESS, () => address.replace('/NAME', `/${database('test')}`));
  class Door extends door {
    static create(options) {
      const given = { ...options, ...(options.dbName && { dbName: database(options.dbName) }) };
      if (!given.mongoUrl) return door.create(given);
      if (address !== undefined) return door.create({ ...given, mongoUrl: ours(given.mongoUrl) });
      // A file makes one while it is loaded, when there is no server yet.
      const { mongoUrl, ...others } = given;
      return door.create({ ...others, clientPromise: started.then(() => new MongoClient(ours(mongoUrl))) });
    }
  }
  const driver = {
    MongoClient: {
      async connect(url, options) {
        const client = await MongoClient.connect(ours(url), options);
        clients.push(client);
        return client;
      }
    }
  };
  const exported = (value, more) => ({ ...more, __esModule: true, default: value });
  /** An earlier version, which they unpack beside the one under test. */
  const earlier = { create: (options) => require('connect-mongo5').create({ ...options, mongoUrl: ours(options.mongoUrl) }) };
  const standIns = {
    ava: exported(avaOn(left)), supertest: exported(supertest), mongodb: driver, 'node:module': { createRequire: () => () => earlier }
  };
  const loaded = new Map();

  function load(file) {
    if (loaded.has(file)) return loaded.get(file).exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const text = fs.readFileSync(file, 'utf8');
    const code = file.endsWith('.ts') ? fromTypeScript(file, text) : text;
    const run = vm.compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], { filename: file });
    run(module.exports, (name) => requireFrom(file, name), module, file, path.dirname(file));
    return module.exports;
  }

  function requireFrom(file, name) {
    if (Object.hasOwn(standIns, name)) return standIns[name];
    if (!name.startsWith('.')) return createRequire(__filename)(name);
    const target = path.resolve(path.dirname(file), name).replace(/\.js$/, '');
    if (/testHelper$/.test(target)) return load(`${target}${path.extname(file)}`);
    // Whatever else of connect-mongo they ask for is the store.
    return exported(Door, door);
  }

  before(async () => {
    address = await mongoUri('NAME');
    start();
  });
  after(async () => {
    for (const client of clients) await client.close();
    const witness = await testClient();
    for (const name of databases.values()) await witness.db(name).dropDatabase();
  });
  for (const file of files) load(path.join(root, file));
}

module.exports = { runSpecs };
