#!/usr/bin/env node
'use strict';

/**
 * Fetches every runtime that is promised, runs a small application on each, and the tests on each version of Node.js:
 *
 *     npm run test:runtimes             the suites that use a store as applications do
 *     npm run test:runtimes -- --full   all of `npm run test:js`
 *     npm run test:runtimes -- node@18  on some only
 */

const { spawnSync } = require('child_process');
const path = require('path');
const { install, runtimes } = require('./runtime');

const ROOT = path.join(__dirname, '..');
const MOCHA = require.resolve('mocha/bin/mocha.js');
const COMMON = ['--no-package', '--exit', '--timeout', '60000', '--reporter', 'dot', '--require', '__test__/support/server.js'];
const SUITES = ['__test__/parity/*.test.js', '__test__/express/*.test.js', '__test__/process/*.test.js', '__test__/loading/modules.test.js'];

/** Runs mocha on a runtime; its programs first on PATH, for tests that start others. */
function mocha(program, args) {
  const env = { ...process.env, PATH: `${path.dirname(program)}${path.delimiter}${process.env.PATH}` };
  return spawnSync(program, [MOCHA, ...args], { cwd: ROOT, env, stdio: 'inherit' }).status === 0;
}

function main(args) {
  const full = args.includes('--full');
  const asked = args.filter((arg) => arg !== '--full');
  const failed = [];
  for (const runtime of asked.length ? asked : runtimes()) {
    const program = install(runtime);
    // The others do not run mocha: the small application is what is promised there.
    if (!runtime.startsWith('node@')) continue;
    if (!full && asked.length === 0 && process.versions.node.startsWith(`${runtime.slice('node@'.length)}.`)) {
      console.log(`\n--- ${runtime}: that is this one, where \`npm test\` runs all ---`);
      continue;
    }
    const started = Date.now();
    console.log(`\n--- ${runtime}, ${full ? 'all tests' : 'the tests of what applications do'} ---`);
    if (!mocha(program, [...COMMON, ...full ? ['__test__/**/*.test.js'] : SUITES])) failed.push(runtime);
    console.log(`${runtime}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  console.log('\n--- a small application on each ---');
  if (!mocha(process.execPath, [...COMMON, '--reporter', 'spec', '__test__/runtimes/runtimes.test.js', '__test__/middlewares/bun.test.js'])) failed.push('the small application');
  if (failed.length > 0) {
    console.error(`failed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}

main(process.argv.slice(2));
