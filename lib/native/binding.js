'use strict';

/** Loads the addon, and says what to do when there is none for this platform. */

let binding;
try {
  binding = require('../../binding.js');
} catch (cause) {
  throw new Error(
    `connect-mongodb-session has no native addon for ${process.platform} ${process.arch}: reinstall the package ` +
      'with optional dependencies, or install Rust (https://rustup.rs) and run `npm rebuild connect-mongodb-session`',
    { cause }
  );
}

module.exports = binding;
