'use strict';

/** What may and what must be in the packages, and how large they may be. */

const assert = require('assert/strict');

/** Everything the main package may contain; a stray file fails the test. */
const ALLOWED = [
  /^(index|driver)\.(js|d\.ts)$/,
  /^binding\.(js|d\.ts)$/,
  /^lib\/[\w/-]+(\.js|\.d\.ts)$/,
  /^src\/(?:\w+\/)*(?!tests\.rs|\w+_tests\.rs)\w+\.rs$/,
  /^(build\.rs|Cargo\.toml|Cargo\.lock|package\.json|LICENSE|README\.md|CHANGELOG\.md|SECURITY\.md|THIRD-PARTY-NOTICES\.txt)$/,
  /^scripts\/(install|platform-package)\.js$/
];
const NEEDED = [
  'index.js', 'index.d.ts', 'driver.js', 'driver.d.ts', 'binding.js', 'lib/store/index.js', 'src/lib.rs', 'Cargo.lock',
  'scripts/install.js', 'LICENSE', 'THIRD-PARTY-NOTICES.txt', 'README.md', 'package.json'
];

/** Bytes, unpacked: well above today's, well below a package that carries something by mistake. */
const MAIN_LIMIT = 1.5e6;
const PLATFORM_LIMIT = 12e6;

/** @param {object} packed of `npm pack --json` */
function checkMain({ files, unpackedSize }) {
  const names = files.map((file) => file.path);
  const stray = names.filter((name) => !ALLOWED.some((pattern) => pattern.test(name)));
  assert.deepEqual(stray, [], 'files that do not belong into the package');
  assert.deepEqual(NEEDED.filter((name) => !names.includes(name)), [], 'files that are missing in the package');
  assert.ok(unpackedSize < MAIN_LIMIT, `the main package has ${unpackedSize} bytes; ${MAIN_LIMIT} are allowed`);
}

/** @param {object} packed of `npm pack --json` @param {string} binary the addon's file name */
function checkPlatform({ files, unpackedSize }, binary) {
  assert.deepEqual(files.map((file) => file.path).sort(), ['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.txt', binary, 'package.json'].sort());
  assert.ok(unpackedSize < PLATFORM_LIMIT, `the addon's package has ${unpackedSize} bytes; ${PLATFORM_LIMIT} are allowed (a debug build? \`npm run build\` makes a small one)`);
}

module.exports = { checkMain, checkPlatform };
