#!/usr/bin/env node
'use strict';

/**
 * The tests of `__test__`, a mocha process for each folder, four at a time:
 *
 *     npm run test:js                                  all
 *     npm run test:js -- watch connection/server       the folders that begin so
 *     npm run test:js -- --tests DIRECTORY             those of another directory
 *
 * Tests wait more than they work: for elections, for time limits, for processes to start. Four folders at a time keep two
 * processors busy for 80 of 100 seconds; more would make the machine slow enough to change what tests about time see.
 * Each process has a MongoDB server of its own. What a folder prints is shown when it has ended.
 *
 * A folder that failed beside another one is run once more, alone. The summary names it in any case: a test that fails
 * beside others and not alone depends on time, and is to be mended. Property tests draw the same values both times (the
 * seed is in the summary; `TEST_SEED` sets it), so that a rare value that fails is not lost by the second run.
 */

const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const { parseArgs } = require('util');

const ROOT = path.join(__dirname, '..');
const MOCHA = require.resolve('mocha/bin/mocha.js');
const AT_A_TIME = 4;

/** What takes longest goes first, so that no long folder is left for the end, when nothing runs beside it. */
const LONG = ['connection/server', 'bad-weather', 'repository/torture', 'repository/benchmark', 'loading', 'values', 'watch'];

/** @returns {string[]} the folders that have test files of their own, by path below `tests` */
function folders(tests, directory = tests) {
  const entries = fs.readdirSync(directory, { withFileTypes: true });
  const own = entries.some((entry) => entry.isFile() && entry.name.endsWith('.test.js')) ? [path.relative(tests, directory)] : [];
  return [...own, ...entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => folders(tests, path.join(directory, name)))];
}

/** Runs the tests of a folder. @returns {Promise<{ folder: string, seconds: number, passed: boolean, output: string }>} */
function run(tests, folder, seed) {
  const started = Date.now();
  const child = spawn(process.execPath, [MOCHA, path.join(tests, folder, '*.test.js')], {
    cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TEST_SEED: String(seed) }
  });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ folder, passed: code === 0, seconds: (Date.now() - started) / 1000, output: Buffer.concat(chunks).toString() }));
  });
}

/** Runs every folder of the list, `AT_A_TIME` of them beside each other. */
async function runAll(tests, list, seed) {
  const waiting = [...list];
  const results = [];
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
    while (waiting.length > 0) {
      const result = await run(tests, waiting.shift(), seed);
      process.stdout.write(result.output);
      results.push(result);
    }
  }));
  return results;
}

/** What mocha says of the tests that failed, or all that a process printed that ended before it could say so. */
const failures = ({ output }) => /^ {2}\d+ failing\n[^]*/m.exec(output)?.[0] ?? output;

const count = (results, word) => results.reduce((sum, { output }) => sum + Number(new RegExp(`^ {2}(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0), 0);

async function main(args) {
  const { values, positionals: asked } = parseArgs({ args, allowPositionals: true, options: { tests: { type: 'string', default: path.join(ROOT, '__test__') } } });
  const tests = path.resolve(values.tests);
  const all = folders(tests);
  for (const name of asked) {
    if (!all.some((folder) => folder.startsWith(name))) throw new Error(`no folder of tests begins with ${name}; there are ${all.sort().join(', ')}`);
  }
  const list = all.filter((folder) => asked.length === 0 || asked.some((name) => folder.startsWith(name)));
  const rank = (folder) => (LONG.includes(folder) ? LONG.indexOf(folder) : LONG.length);
  list.sort((one, other) => rank(one) - rank(other));

  const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
  const started = Date.now();
  const first = await runAll(tests, list, seed);
  const again = [];
  for (const { folder } of first.filter(({ passed }) => !passed)) {
    console.log(`\n--- ${folder} once more, alone ---`);
    const result = await run(tests, folder, seed);
    process.stdout.write(result.output);
    again.push(result);
  }

  console.log('\n--- all folders ---');
  for (const { folder, seconds } of [...first].sort((one, other) => other.seconds - one.seconds)) console.log(`${seconds.toFixed(0).padStart(4)} s  ${folder}`);
  for (const result of first.filter(({ passed }) => !passed)) {
    const second = again.find(({ folder }) => folder === result.folder);
    console.log(`\n${result.folder} ${second.passed ? 'FAILED beside others, and passed alone' : 'FAILED twice'}:\n${failures(result)}`);
    if (!second.passed) {
      console.log(`the second time:\n${failures(second)}`);
      process.exitCode = 1;
    }
  }
  const minutes = ((Date.now() - started) / 60_000).toFixed(1);
  console.log(`\n${count(first, 'passing')} passing, ${count(first, 'pending')} pending, ${count(first, 'failing')} failing at first, in ${minutes} minutes; TEST_SEED=${seed}`);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
