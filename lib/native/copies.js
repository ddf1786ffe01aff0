'use strict';

/**
 * Several copies of this package in one process, as `npm` may install them, use one addon: with an addon each they
 * would have a background thread and a connection pool each.
 *
 * A copy uses another's addon only where the two files are equal, byte for byte, so that versions and builds are never
 * mixed. The files that were loaded are remembered in Node's environment data: that belongs to the thread, whatever
 * test frameworks do to modules and globals, and the threads that it starts later begin with a copy of it.
 */

const fs = require('fs');
const path = require('path');
// Not in every runtime.
const { getEnvironmentData = () => undefined, setEnvironmentData = () => {} } = require('worker_threads');

const KEY = 'connect-mongodb-session addons';
const CHUNK = 1024 * 1024;

/** @returns {string[]} the addons that this thread, or one that started it, loaded */
function loadedFiles() {
  const files = getEnvironmentData(KEY);
  return Array.isArray(files) ? files : [];
}

/**
 * Looks for the addon that another copy has loaded.
 *
 * @param {function(string): string[]} own the places where this copy's addon of that name may be
 * @returns {undefined|string} its path, if this copy's addon is the same
 */
function sharedAddon(own) {
  return loadedFiles().find((file) => {
    const mine = own(path.basename(file)).find((each) => fs.existsSync(each));
    return mine !== undefined && mine !== file && sameContent(mine, file);
  });
}

/** @param {undefined|string} file the addon that was loaded */
function remember(file) {
  const files = loadedFiles();
  if (file !== undefined && !files.includes(file)) setEnvironmentData(KEY, [...files, file]);
}

/** @returns {boolean} false also where one cannot be read */
function sameContent(one, other) {
  const opened = [];
  try {
    for (const file of [one, other]) opened.push(fs.openSync(file));
    const [size, otherSize] = opened.map((each) => fs.fstatSync(each).size);
    if (size !== otherSize) return false;
    const [part, otherPart] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
    for (let at = 0; at < size;) {
      const bytes = fs.readSync(opened[0], part, 0, CHUNK, at);
      if (bytes === 0 || fs.readSync(opened[1], otherPart, 0, bytes, at) !== bytes) return false;
      if (part.compare(otherPart, 0, bytes, 0, bytes) !== 0) return false;
      at += bytes;
    }
    return true;
  } catch {
    return false;
  } finally {
    for (const each of opened) fs.closeSync(each);
  }
}

module.exports = { remember, sharedAddon };
