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

/** A folder of more test files is run in parts, for the same reason. */
const MOST_FILES = 14;

/** @returns {{ folder: string, title: string, files: string[] }[]} the folders that have test files of their own, by path below `tests` */
function partsOf(tests, directory = tests) {
  const entries = fs.readdirSync(directory, { withFileTypes: true });
  const folder = path.relative(tests, directory);
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.test.js')).map(({ name }) => path.join(directory, name));
  const count = Math.ceil(files.length / MOST_FILES);
  const own = Array.from({ length: count }, (_, part) => ({
    folder,
    title: count > 1 ? `${folder}, part ${part + 1} of ${count}` : folder,
    files: files.filter((_file, n) => n % count === part)
  }));
  return [...own, ...entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => partsOf(tests, path.join(directory, name)))];
}

/** Runs the tests of a part. @returns {Promise<{ part: object, seconds: number, passed: boolean, output: string }>} */
function run(part, seed) {
  const started = Date.now();
  const child = spawn(process.execPath, [MOCHA, ...part.files], {
    cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TEST_SEED: String(seed) }
  });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ part, passed: code === 0, seconds: (Date.now() - started) / 1000, output: Buffer.concat(chunks).toString() }));
  });
}

/** Runs every part of the list, `AT_A_TIME` of them beside each other. */
async function runAll(list, seed) {
  const waiting = [...list];
  const results = [];
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
    while (waiting.length > 0) {
      const result = await run(waiting.shift(), seed);
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
  const all = partsOf(tests);
  for (const name of asked) {
    if (all.some(({ folder }) => folder.startsWith(name))) continue;
    throw new Error(`no folder of tests begins with ${name}; there are ${[...new Set(all.map(({ folder }) => folder))].sort().join(', ')}`);
  }
  const list = all.filter(({ folder }) => asked.length === 0 || asked.some((name) => folder.startsWith(name)));
  const rank = ({ folder }) => (LONG.includes(folder) ? LONG.indexOf(folder) : LONG.length);
  list.sort((one, other) => rank(one) - rank(other));

  const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
  const started = Date.now();
  const first = await runAll(list, seed);
  const failed = first.filter(({ passed }) => !passed);
  const again = new Map();
  for (const { part } of failed) {
    console.log(`\n--- ${part.title} once more, alone ---`);
    const result = await run(part, seed);
    process.stdout.write(result.output);
    again.set(part, result);
  }

  console.log('\n--- all folders ---');
  for (const { part, seconds } of [...first].sort((one, other) => other.seconds - one.seconds)) console.log(`${seconds.toFixed(0).padStart(4)} s  ${part.title}`);
  for (const result of failed) {
    const second = again.get(result.part);
    console.log(`\n${result.part.title} ${second.passed ? 'FAILED beside others, and passed alone' : 'FAILED twice'}:\n${failures(result)}`);
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
