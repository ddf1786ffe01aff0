'use strict';

/**
 * Which `bson` package reads and writes what the codec leaves to it, and whose classes are given to the application.
 *
 * What a session gives back is handed to the application's driver: `User.findById(request.session.userId)`. A driver
 * refuses values of another major version of `bson`, and `instanceof` fails for those of another copy. So the package
 * is the one that the application's own driver has, and only where none is found the one that this package depends on.
 *
 * The search runs once, when a value first needs a class: by then the application has loaded its driver. The rule:
 *
 * 1. A client that was given to a store (`useDriverOf`): the package of its driver.
 * 2. What `mongoose`, `mongodb` and `bson` resolve to, in this order, from the module that required this package, from
 *    the script that Node was started with, from the current directory, and from this package: the first that the
 *    application has loaded.
 * 3. The only other `bson` that is loaded, however it was found (under an alias, by Yarn's or pnpm's layout).
 * 4. The first that resolves, loaded or not.
 * 5. This package's own.
 *
 * Nothing here throws: a package that cannot be loaded, or is none, is passed over.
 */

const { createRequire } = require('module');
const path = require('path');
const { requirer } = require('./requirer');

const VERSION = Symbol.for('@@mdb.bson.version');
/** The way from each package to its `bson`. */
const NAMES = { mongoose: ['mongodb', 'bson'], mongodb: ['bson'], bson: [] };
const MAIN_FILE = /[\\/]bson[\\/](?:index\.js|lib[\\/]bson(?:\.\w+)?\.c?js)$/;
const ID_BYTES = 12;

/**
 * @typedef {object} Bson
 * @property {object} package serializes and deserializes: a `bson` of version 5 or newer
 * @property {number} major of `package`
 * @property {null|object} older where the application's driver is older than that, its `bson`, whose classes are wanted
 */

/** @type {null|Bson} */
let found = null;

/** @returns {Bson} found on the first call */
function bson() {
  return (found ??= described(loadedOrResolved() ?? own()));
}

/**
 * Makes the driver of a client the one whose values are read, unless that is settled already.
 *
 * @param {object} client a `MongoClient` of any copy of the `mongodb` package
 */
function useDriverOf(client) {
  if (found !== null) return;
  const file = attempt(() => Object.keys(require.cache).find((each) => {
    return path.basename(each) === 'mongo_client.js' && require.cache[each]?.exports?.MongoClient === client.constructor;
  }));
  const theirs = file && loadFrom(file, ['bson']);
  if (theirs) found = described(theirs);
}

function own() {
  return require('bson');
}

function loadedOrResolved() {
  const mine = attempt(() => require.resolve('bson'));
  const candidates = places()
    .flatMap((place) => Object.keys(NAMES).map((name) => ({ name, file: resolveFrom(place, name) })))
    // This package's own is what remains when there is no other, loaded or not.
    .filter(({ file }) => file !== undefined && file !== mine);
  const choices = [candidates.filter(({ file }) => isLoaded(file)), onlyLoaded(mine), candidates];
  for (const choice of choices) {
    for (const { name, file } of choice) {
      const theirs = loadFrom(file, NAMES[name]);
      if (theirs !== undefined) return theirs;
    }
  }
  return undefined;
}

/** Files, from whose places in the file system packages are resolved. */
function places() {
  const main = require.main?.filename ?? process.argv[1];
  const here = attempt(() => path.join(process.cwd(), 'index.js'));
  return [...new Set([requirer(), main, here, __filename])].filter((place) => typeof place === 'string' && path.isAbsolute(place));
}

function onlyLoaded(mine) {
  const files = attempt(() => Object.keys(require.cache)) ?? [];
  const others = files.filter((file) => file !== mine && MAIN_FILE.test(file) && isUsable(require.cache[file]?.exports));
  return others.length === 1 ? [{ name: 'bson', file: others[0] }] : [];
}

function isLoaded(file) {
  return require.cache?.[file] !== undefined;
}

function resolveFrom(place, name) {
  return attempt(() => createRequire(place).resolve(name));
}

/** The package at the end of a way from a file; `undefined` when there is none. */
function loadFrom(file, way) {
  return attempt(() => {
    let at = file;
    for (const name of way) at = createRequire(at).resolve(name);
    const theirs = createRequire(at)(at);
    return isUsable(theirs) ? theirs : undefined;
  });
}

function isUsable(theirs) {
  return typeof (theirs?.ObjectId ?? theirs?.ObjectID) === 'function' && typeof theirs.Decimal128 === 'function';
}

function described(theirs) {
  const major = majorOf(theirs);
  if (major !== undefined) return { package: theirs, major, older: null };
  const mine = own();
  return { package: mine, major: majorOf(mine), older: theirs };
}

/** @returns {undefined|number} undefined for packages before version 5, whose values do not say it */
function majorOf({ MinKey, serialize, deserialize }) {
  if (typeof serialize !== 'function' || typeof deserialize !== 'function') return undefined;
  return new MinKey()[VERSION];
}

/** @returns {Function} of the application's driver */
function objectIdClass() {
  const { package: { ObjectId }, older } = bson();
  return older === null ? ObjectId : older.ObjectId ?? older.ObjectID;
}

/** @returns {function(Buffer, number): object} makes an ObjectId, of the application's class, of the 12 bytes at a place */
function objectIdReader() {
  const Class = objectIdClass();
  if (takesOffset(Class)) return (bytes, at) => new Class(bytes, at);
  return (bytes, at) => {
    const id = Buffer.allocUnsafe(ID_BYTES);
    bytes.copy(id, 0, at, at + ID_BYTES);
    return new Class(id);
  };
}

/** Whether the class reads out of larger buffers by itself, without keeping them. */
function takesOffset(Class) {
  const bytes = Buffer.from('00112233445566778899aabbcc', 'hex');
  return attempt(() => {
    const id = new Class(bytes, 1);
    bytes.fill(0);
    return id.toHexString();
  }) === '112233445566778899aabbcc';
}

function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

module.exports = { VERSION, bson, objectIdClass, objectIdReader, useDriverOf };
