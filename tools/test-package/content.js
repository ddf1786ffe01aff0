'use strict';

/** What may and what must be in the packages, and how large they may be. */

const assert = require('assert/strict');
const { PARTS, entries } = require('../release/bundles');

/** Everything the main package may contain; a stray file fails the test. */
const ALLOWED = [
  /^lib\/types\/[\w/-]+\.d\.ts$/,
  /^src\/(?:\w+\/)*(?!tests\.rs|\w+_tests\.rs)\w+\.rs$/,
  /^(build\.rs|Cargo\.toml|Cargo\.lock|package\.json|LICENSE|README\.md|CHANGELOG\.md|docs\/THIRD-PARTY-NOTICES\.txt)$/,
  /^tools\/(install|platform-package)\.js$/
];
const NEEDED = [
  'index.d.ts', 'src/lib.rs', 'Cargo.toml', 'Cargo.lock', 'tools/install.js', 'tools/platform-package.js', 'LICENSE',
  'docs/THIRD-PARTY-NOTICES.txt', 'README.md', 'package.json'
];

/** Bytes, unpacked: well above today's, well below a package that carries something by mistake. */
const MAIN_LIMIT = 2.6e6;
const PLATFORM_LIMIT = 17e6;

/** @param {object} packed of `npm pack --json` */
function checkMain({ files, unpackedSize }) {
  const names = files.map((file) => file.path);
  const parts = Object.values(PARTS).flatMap((part) => [part, `${part}.map`]);
  const own = [...parts, ...entries().flatMap((entry) => [entry, `${entry}.map`, entry.replace(/\.js$/, '.d.ts')])];
  const stray = names.filter((name) => !own.includes(name) && !ALLOWED.some((pattern) => pattern.test(name)));
  assert.deepEqual(stray, [], 'files that do not belong into the package');
  assert.deepEqual([...NEEDED, ...own].filter((name) => !names.includes(name)), [], 'files that are missing in the package');
  assert.ok(unpackedSize < MAIN_LIMIT, `the main package has ${unpackedSize} bytes; ${MAIN_LIMIT} are allowed`);
}

/** @param {object} packed of `npm pack --json` @param {string} binary the addon's file name */
function checkPlatform({ files, unpackedSize }, binary) {
  assert.deepEqual(files.map((file) => file.path).sort(), ['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.txt', 'as-text.js', binary, 'for-webpack.mjs', 'package.json'].sort());
  assert.ok(unpackedSize < PLATFORM_LIMIT, `the addon's package has ${unpackedSize} bytes; ${PLATFORM_LIMIT} are allowed (a debug build? \`npm run build\` makes a small one)`);
}

module.exports = { checkMain, checkPlatform };
