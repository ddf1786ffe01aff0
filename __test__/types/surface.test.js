'use strict';

/** Holds the declarations against what is there at run time. */

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const session = require('express-session');
const connectMongo = require('../..');
const driver = require('../../driver');
const { LEGACY } = require('../../lib/connection/legacy');
const { TABLE } = require('../../lib/connection/table');
const { surfaceOf, undocumented } = require('./surface');

/** On prototypes, but not for applications. */
const INTERNAL = {
  MongoClient: ['cursors', 'native', 'settings'],
  Db: ['ignoreUndefined'],
  Collection: ['ignoreUndefined'],
  AbstractCursor: ['client', 'request'],
  MongoError: ['name'],
  WriteError: ['toString'],
  WriteConcernError: ['toString'],
  // The types of express-session declare `createSession`.
  MongoDBStore: ['_generateQuery', 'createSession']
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

/** @returns {Promise<boolean>} whether all that the method does is to say that it is not available */
async function isRefused(Class, name) {
  const { value: method } = Object.getOwnPropertyDescriptor(Class.prototype, name) ?? {};
  if (typeof method !== 'function') return false;
  try {
    await method.call({});
  } catch (error) {
    return error instanceof driver.MongoCompatibilityError && error.message.startsWith(`${Class.name}.${name}() is not available`);
  }
  return false;
}

/** Declared and there, there and declared. */
async function compare(Class, declared) {
  const there = prototypeNames(Class);
  for (const [name, onPrototype] of declared) {
    if (onPrototype) assert.ok(name in Class.prototype, `${Class.name}.${name} is declared, but not there`);
    if (onPrototype && Class.name in driver) assert.ok(!await isRefused(Class, name), `${Class.name}.${name} is declared, but refused`);
  }
  for (const name of there) {
    if (declared.has(name) || isInternal(Class, name)) continue;
    assert.ok(await isRefused(Class, name), `${Class.name}.${name} is there, but not declared`);
  }
}

describe('declarations', function() {
  this.timeout(60000);
  this.slow(10000);

  it('are explained, each of them', () => {
    const folder = path.join('lib', 'types');
    const files = fs.readdirSync(path.join(__dirname, '..', '..', folder)).map((name) => path.join(folder, name));
    assert.ok(files.length > 5);
    for (const file of ['index.d.ts', ...files]) assert.deepEqual(undocumented(file), [], file);
  });

  describe('of the driver', () => {
    let surface;

    before(() => {
      surface = surfaceOf('driver.d.ts');
    });

    it('have the exports that are there', () => {
      assert.deepEqual([...surface.values].sort(), Object.keys(driver).sort());
    });

    it('have the members that are there', async () => {
      const classes = Object.values(driver).filter((value) => {
        return typeof value === 'function' && value.prototype && !('_bsontype' in value.prototype);
      });
      assert.ok(classes.length > 50);
      for (const Class of classes) await compare(Class, surface.members(Class.name));
    });

    it('have the values that are there', () => {
      const enums = { ReadPreferenceMode: 'nearest', ReadConcernLevel: 'snapshot', ExplainVerbosity: 'executionStats', ReturnDocument: 'AFTER', ServerApiVersion: 'v1', BatchType: 'DELETE' };
      for (const [name, key] of Object.entries(enums)) assert.ok(key in driver[name], name);
    });
  });

  it('of the store have the members that are there', async () => {
    const MongoDBStore = connectMongo(session);
    await compare(MongoDBStore, surfaceOf('lib/types/store.d.ts').members('MongoDBStore'));
  });

  describe('of the store\'s options', () => {
    const MongoDBStore = connectMongo(session);

    /** Options that show up only where they are given. */
    const BEYOND = {
      touchAfter: 1, partialUpdates: false, preventResurrection: true, batching: true, autoRemove: 'disabled', autoRemoveInterval: 10, createIndexes: true, degrade: false, crypto: { secret: 'a passphrase' },
      hashIds: true, transformId: String, serialize: JSON.stringify, unserialize: JSON.parse
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
      assert.deepEqual(Object.keys(options).sort(), declared.sort());
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
});
