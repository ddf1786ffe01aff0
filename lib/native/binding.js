'use strict';

/** Loads the addon, and says what to do when there is none for this platform. */

const path = require('path');
const { remember, sharedAddon } = require('./copies');

const ROOT = path.join(__dirname, '..', '..');

let binding;
try {
  binding = ofAnotherCopy() ?? ofThisCopy();
} catch (cause) {
  const installer = path.join(ROOT, 'scripts', 'install.js');
  throw new Error(
    `connect-mongodb-session has no native addon for ${process.platform} ${process.arch}: reinstall the package ` +
      'on this machine, with optional dependencies. Where there is no binary, install Rust (https://rustup.rs) and ' +
      `a C compiler and run \`node ${installer}\` to build one`,
    { cause }
  );
}

function ofAnotherCopy() {
  // Chosen by hand: for all copies alike.
  if (process.env.NAPI_RS_NATIVE_LIBRARY_PATH) return undefined;
  const file = sharedAddon(places);
  return file && require(file);
}

function ofThisCopy() {
  const loaded = require('../../binding.js');
  // Which of several files it was is known to the module system alone.
  remember(Object.keys(require.cache ?? {}).find((file) => file.endsWith('.node') && places(path.basename(file)).includes(file)));
  return loaded;
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
    return [beside, require.resolve(pack.replace('.', '-'))];
  } catch {
    return [beside];
  }
}

module.exports = binding;
