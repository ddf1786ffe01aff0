'use strict';

/** Loads the addon; `missing.js` says what to do when there is none for this platform. */

const path = require('path');
const { createRequire } = require('module');
const { loadAddon } = require('./addon');
const { remember, sharedAddon } = require('./copies');

const ROOT = path.join(__dirname, '..', '..');

let binding;
try {
  binding = ofAnotherCopy() ?? ofThisCopy();
} catch (cause) {
  throw require('./missing').missingAddon(cause);
}

function ofAnotherCopy() {
  // Chosen by hand: for all copies alike.
  if (process.env.NAPI_RS_NATIVE_LIBRARY_PATH) return undefined;
  const file = sharedAddon(places);
  return file && createRequire(file)(file);
}

function ofThisCopy() {
  const loaded = loadAddon();
  if (!process.env.NAPI_RS_NATIVE_LIBRARY_PATH) remember(loaded.file);
  return loaded.binding;
}

/**
 * @param {string} name of an addon's file, such as `connect-mongodb-session.linux-x64-gnu.node`
 * @returns {string[]} where this copy may have it: beside the rest, or in the package for its platform
 */
function places(name) {
  const [, pack] = /^(connect-mongodb-session\.[\w-]+)\.node$/.exec(name) ?? [];
  if (pack === undefined) return [];
  const beside = path.join(ROOT, name);
  try {
    return [beside, createRequire(path.join(ROOT, 'index.js')).resolve(pack.replace('.', '-'))];
  } catch {
    return [beside];
  }
}

module.exports = binding;
