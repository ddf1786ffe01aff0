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
  const file = sharedAddon((name) => [path.join(ROOT, name), ...ofPackage(name.replace(/\.([^.]*)\.node$/, '-$1'))]);
  return file && require(file);
}

/** @returns {string[]} the addon of the package for this platform, if that is installed */
function ofPackage(name) {
  try {
    return [require.resolve(name)];
  } catch {
    return [];
  }
}

function ofThisCopy() {
  const loaded = require('../../binding.js');
  // Which of several files it was is known to the module system alone.
  const loader = module.children?.find(({ filename }) => filename === path.join(ROOT, 'binding.js'));
  remember(loader?.children.find(({ filename }) => filename?.endsWith('.node'))?.filename);
  return loaded;
}

module.exports = binding;
