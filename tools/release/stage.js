#!/usr/bin/env node
'use strict';

/**
 * Writes the packages of a release, ready for `npm publish`:
 *
 *     node tools/release/stage.js BINARIES OUT
 *
 * BINARIES is a directory with the addon of every platform, OUT gets a directory for each package: `main`, and one
 * named after each platform. A platform without an addon is an error: its users would get a package that cannot load.
 */

const fs = require('fs');
const path = require('path');
const { binaryName, platforms, writePlatformPackage } = require('../platform-package');
const { writeMainPackage } = require('./main-package');

/** How hard the addons are compressed that bundles carry: as hard as it goes, which takes minutes for all. */
const SMALLEST = 11;

/** @returns {Map<string, string>} every file below a directory, by its name */
function filesBelow(directory) {
  const found = fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    return entry.isDirectory() ? [...filesBelow(file)] : [[entry.name, file]];
  });
  return new Map(found);
}

/**
 * @param {string} binaries directory with the addons, in whatever directories below it
 * @param {string} out directory to write to
 * @throws {Error} that names the addons that are missing
 */
async function stage(binaries, out) {
  const built = filesBelow(binaries);
  const missing = platforms().map(binaryName).filter((name) => !built.has(name));
  if (missing.length > 0) throw new Error(`no addon was built for: ${missing.join(', ')}`);
  for (const platform of platforms()) {
    writePlatformPackage(platform, path.join(out, platform.name), built.get(binaryName(platform)), SMALLEST);
  }
  await writeMainPackage(path.join(out, 'main'));
}

if (require.main === module) {
  const [binaries, out] = process.argv.slice(2);
  if (out === undefined) {
    console.error('usage: node tools/release/stage.js BINARIES OUT');
    process.exitCode = 2;
  } else {
    stage(binaries, out).catch((error) => {
      console.error(error);
      process.exitCode = 1;
    });
  }
}

module.exports = { SMALLEST, stage };
