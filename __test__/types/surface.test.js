'use strict';

/** Holds the declarations against what is there at run time. */

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const session = require('express-session');
const connectMongo = require('../..');
const driver = require('../../lib/entries/driver');
const { LEGACY } = require('../../lib/connection/legacy');
const { TABLE } = require('../../lib/connection/table');
const { FORWARDED } = require('../driver/forwarded');
const { surfaceOf, undocumented } = require('./surface');

/** On prototypes, but not for applications. */
const INTERNAL = {
  MongoClient: ['cursors', 'ignoreUndefined', 'native', 'settings'],
  Db: ['ignoreUndefined'],
  Collection: ['ignoreUndefined'],
  AbstractCursor: ['client', 'nodeCursor', 'request'],
  MongoError: ['name'],
  WriteError: ['toString'],
  WriteConcernError: ['toString'],
  // The types of express-session declare `createSession` and `regenerate`.
  MongoDBStore: ['_generateQuery', 'createSession', 'regenerate']
};

/** Options that mean something to the Node driver's own code only. */
const NOBODYS = ['__skipPingOnConnect', 'connectionType', 'index', 'srvPoller'];

const theirs = [Object, Function, Error, EventEmitter, session.Store].map((Class) => Class.prototype);

/** @returns {string[]} the names on a class's prototypes, without those that others put there */
function prototypeNames(Class) {
  const names = new Set();
  for (let prototype = Class.prototype; !theirs.includes(prototype); prototype = Object.getPrototypeOf(prototype)) {
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
  }
  names.delete('constructor');
  return [...names];
}

function isInternal(Class, name) {
  for (let parent = Class; parent; parent = Object.getPrototypeOf(parent)) {
    if (INTERNAL[parent.name]?.includes(name)) return true;
  }
  return false;
}

/** @returns {boolean} whether the method is the Node driver's, and declared where that is installed */
function isForwarded(Class, name) {
  for (let parent = Class; parent; parent = Object.getPrototypeOf(parent)) {
    const { returning = [], promising = [] } = FORWARDED[parent.name] ?? {};
    if ([...returning, ...promising].includes(name)) return true;
  }
  return Class.name.endsWith('Cursor') && name === 'addCursorFlag';
}

/** Declared and there, there and declared. */
function compare(Class, declared) {
  const there = prototypeNames(Class);
  for (const [name, onPrototype] of declared) {
    if (onPrototype) assert.ok(name in Class.prototype, `${Class.name}.${name} is declared, but not there`);
    if (onPrototype && Class.name in driver) assert.ok(!isForwarded(Class, name), `${Class.name}.${name} is declared, but forwarded`);
  }
  for (const name of there) {
    if (declared.has(name) || isInternal(Class, name)) continue;
    assert.ok(isForwarded(Class, name), `${Class.name}.${name} is there, but not declared`);
  }
}

describe('declarations', function() {
  this.timeout(180_000);
  this.slow(10000);

  it('are explained, each of them', () => {
    const below = (folder) => fs.readdirSync(path.join(__dirname, '..', '..', folder)).map((name) => path.join(folder, name));
    const files = [...below(path.join('lib', 'types')), ...below(path.join('lib', 'entries'))].filter((name) => name.endsWith('.d.ts'));
    assert.ok(files.length > 5);
    for (const file of ['index.d.ts', ...files]) assert.deepEqual(undocumented(file), [], file);
  });

  describe('of the driver', () => {
    let surface;

    before(() => {
      surface = surfaceOf('lib/entries/driver.d.ts');
    });

    it('have the exports that are there', () => {
      assert.deepEqual([...surface.values].sort(), Object.keys(driver).sort());
    });

    it('have the members that are there', () => {
      const classes = Object.values(driver).filter((value) => {
        return typeof value === 'function' && value.prototype && !('_bsontype' in value.prototype);
      });
      assert.ok(classes.length > 45);
      for (const Class of classes) compare(Class, surface.members(Class.name));
    });

    it('have the values that are there', () => {
      const enums = { ReadPreferenceMode: 'nearest', ReadConcernLevel: 'snapshot', ReturnDocument: 'AFTER', ServerApiVersion: 'v1' };
      for (const [name, key] of Object.entries(enums)) assert.ok(key in driver[name], name);
    });
  });

  it('of the store have the members that are there', () => {
    const MongoDBStore = connectMongo(session);
    compare(MongoDBStore, surfaceOf('lib/types/store.d.ts').members('MongoDBStore'));
  });

  describe('of the store\'s options', () => {
    const MongoDBStore = connectMongo(session);

    /** Options that show up only where they are given. */
    const BEYOND = {
      touchAfter: 1, partialUpdates: false, preventResurrection: true, batching: true, autoRemove: 'disabled', autoRemoveInterval: 10, createIndexes: true, degrade: false, readPreference: 'primary', timestamps: true, user: String, userField: 'owner', maxSessionsPerUser: 3, maxLifetime: 1, undefinedAs: 'absent', crypto: { secret: 'a passphrase' },
      hashIds: true, transformId: String, serialize: JSON.stringify, unserialize: JSON.parse, watch: true
    };

    /** What a store makes of options, and what the process was warned of. */
    async function take(options) {
      const warnings = [];
      const listen = (warning) => warnings.push(warning.message);
      process.on('warning', listen);
      try {
        const store = new MongoDBStore({ uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1', ...options }, () => {});
        await store.initialConnectionPromise;
        await store.client.close();
        return { options: store.options, warnings };
      } finally {
        process.off('warning', listen);
      }
    }

    it('have the options that a store takes', async () => {
      const declared = [...surfaceOf('index.d.ts').members('MongoDBSessionOptions').keys()];
      const values = Object.fromEntries(declared.map((name) => [name, undefined]));
      assert.deepEqual((await take({ ...values, uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1' })).warnings, []);
      const { options } = await take(BEYOND);
      // A store has a client or an address.
      assert.deepEqual(Object.keys(options).sort(), declared.filter((name) => name !== 'client').sort());
    });

    it('have the options that the README has', () => {
      const [, table] = /^## Options\n([\s\S]*?)^#/m.exec(fs.readFileSync(path.join(__dirname, '..', '..', 'README.md'), 'utf8'));
      const rows = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, names]) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name));
      assert.deepEqual(rows.sort(), [...surfaceOf('index.d.ts').members('MongoDBSessionOptions').keys()].sort());
    });

    it('have the options that a store works with', async () => {
      const declared = [...surfaceOf('lib/types/store.d.ts').members('MongoDBStoreOptions').keys()];
      const { options } = await take(BEYOND);
      assert.deepEqual(Object.keys(options).sort(), declared.sort());
    });
  });

  it('of connectionOptions have every option that is not refused, and no other', () => {
    const declared = [...surfaceOf('lib/types/connection-options.d.ts').members('ConnectionOptions').keys()];
    const taken = Object.keys(TABLE).filter((name) => TABLE[name].use !== 'refused' && !NOBODYS.includes(name));
    // Names of earlier drivers are known in lower case.
    const older = declared.filter((name) => name.toLowerCase() in LEGACY);
    assert.deepEqual(older.map((name) => name.toLowerCase()).sort(), Object.keys(LEGACY).sort());
    assert.deepEqual(declared.filter((name) => !older.includes(name)).sort(), taken.sort());
  });

  it('of connectionOptions have the defaults of the table of options', () => {
    const text = fs.readFileSync(path.join(__dirname, '..', '..', 'lib', 'types', 'connection-options.d.ts'), 'utf8');
    const documented = [...text.matchAll(/@defaultValue `([^`]+)`(?:(?!\*\/)[^])*\*\/\s*(\w+)\?:/g)].map(([, value, name]) => [name, value.replaceAll("'", '')]);
    const known = documented.filter(([name]) => TABLE[name]?.fallback !== undefined);
    assert.deepEqual(known, known.map(([name]) => [name, String(TABLE[name].fallback)]));
    const unsaid = Object.keys(TABLE).filter((name) => TABLE[name].fallback !== undefined && !known.some(([each]) => each === name));
    assert.deepEqual(unsaid, []);
  });
});
