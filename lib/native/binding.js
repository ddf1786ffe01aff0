'use strict';

/** Loads the addon, and says what to do when there is none for this platform. */

const path = require('path');

let binding;
try {
  binding = require('../../binding.js');
} catch (cause) {
  const installer = path.join(__dirname, '..', '..', 'scripts', 'install.js');
  throw new Error(
    `connect-mongodb-session has no native addon for ${process.platform} ${process.arch}: reinstall the package ` +
      'on this machine, with optional dependencies. Where there is no binary, install Rust (https://rustup.rs) and ' +
      `a C compiler and run \`node ${installer}\` to build one`,
    { cause }
  );
}

module.exports = binding;
