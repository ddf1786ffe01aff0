#!/usr/bin/env node
'use strict';

/**
 * The oldest glibc that a Linux addon loads with, from the symbol versions it asks for:
 *
 *     node tools/release/glibc-floor.js FILE [MAXIMUM]
 *
 * prints it, and fails when it is above MAXIMUM. Needs `objdump`.
 */

const { execFileSync } = require('child_process');

/** The floor of what is published, which docs/platforms.md states. */
const PUBLISHED = '2.17';

/** Compares versions such as `2.4` and `2.17`. */
function compare(one, other) {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  for (let n = 0; n < Math.max(a.length, b.length); n++) {
    const difference = (a[n] ?? 0) - (b[n] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * @param {string} file
 * @returns {{version: string, symbols: string[]}} the newest version of glibc that a symbol needs, and those that do.
 *   Weak symbols do not count: an addon does without them.
 */
function glibcFloor(file) {
  const listed = execFileSync('objdump', ['-T', file], { encoding: 'utf8', maxBuffer: 64e6 });
  const needed = [...listed.matchAll(/^\S+\s+(.*)\*UND\*\s+\S+\s+\(?GLIBC_([\d.]+)\)?\s+(\S+)$/gm)]
    .filter(([, flags]) => !/\bw\b/.test(flags))
    .map(([, , version, symbol]) => ({ version, symbol }));
  if (needed.length === 0) throw new Error(`${file} asks for no symbol of glibc: is it an addon for Linux with glibc?`);
  const version = needed.map((one) => one.version).sort(compare).at(-1);
  return { version, symbols: needed.filter((one) => one.version === version).map((one) => one.symbol) };
}

if (require.main === module) {
  const [file, maximum] = process.argv.slice(2);
  const { version, symbols } = glibcFloor(file);
  console.log(`needs glibc ${version} or newer (${symbols.slice(0, 5).join(', ')})`);
  if (maximum !== undefined && compare(version, maximum) > 0) {
    console.error(`more than the ${maximum} that is allowed`);
    process.exitCode = 1;
  }
}

module.exports = { PUBLISHED, compare, glibcFloor };
