#!/usr/bin/env node
'use strict';

/**
 * The tests of `__test__`, a mocha process for each folder, five at a time:
 *
 *     npm run test:js                                  all
 *     npm run test:js -- watch connection/server       the folders that begin so
 *     npm run test:js -- --tests DIRECTORY             those of another directory
 *     npm run test:js -- --beside 'npm run test:rust'  all, and that command beside them
 *
 * Some folders wait most of their time: for elections, for time limits, for servers that are stopped. Others work all the
 * time: they compile, or try thousands of values. Both kinds run beside each other from beginning to end. If what waits were
 * left to itself, processors would idle; if what works were left for the end, it would make the machine so slow that
 * tests about time see that.
 *
 * The Rust tests' compiler keeps half of the processors busy at most: it would take as many as there are.
 *
 * Each process has a MongoDB server of its own. What a folder prints is shown when it has ended.
 *
 * A folder that failed beside another one is run once more, alone. The summary names it in any case: a test that fails
 * beside others and not alone depends on time, and is to be mended. Property tests draw the same values both times (the
 * seed is in the summary; `TEST_SEED` sets it), so that a rare value that fails is not lost by the second run.
 */

const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { parseArgs } = require('util');
const { findMongod } = require('./mongod/binary');

const ROOT = path.join(__dirname, '..');
const MOCHA = require.resolve('mocha/bin/mocha.js');

/** How many run beside each other of what waits, and of what works. Who finds nothing left of one kind goes on with the other. */
const AT_A_TIME = { waits: 4, works: 1 };

/** What takes longest goes first, so that nothing long is left for the end, when nothing runs beside it. */
const LONG = {
  waits: [
    'bad-weather', 'connection/server', 'repository/torture', 'watch', 'driver', 'process', 'npm run test:original', 'connect-mongo', 'saving',
    'security', 'connection', 'parity'
  ],
  // The Rust tests' compiler also makes a program that `repository/benchmark` would otherwise wait for.
  works: ['npm run test:rust', 'values', 'loading', 'methods', 'types', 'repository/benchmark', 'documentation', 'examples']
};

/** For the commands beside the folders. */
const CARGO_BUILD_JOBS = process.env.CARGO_BUILD_JOBS ?? String(Math.ceil(os.cpus().length / 2));

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

/** Runs a part: a command, or the tests of files. @returns {Promise<{ part: object, seconds: number, passed: boolean, output: string }>} */
function run(part, seed) {
  const started = Date.now();
  const options = { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TEST_SEED: String(seed) } };
  const child = part.command ? spawn(part.command, { ...options, env: { ...options.env, CARGO_BUILD_JOBS }, shell: true }) : spawn(process.execPath, [MOCHA, ...part.files], options);
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ part, passed: code === 0, seconds: (Date.now() - started) / 1000, output: Buffer.concat(chunks).toString() }));
  });
}

/** @returns {{ waits: object[], works: object[] }} the parts by kind, in the order in which they are to begin; what is in neither list is short */
function inOrder(list) {
  const rank = (kind, { folder }) => (LONG[kind].includes(folder) ? LONG[kind].indexOf(folder) : LONG[kind].length);
  const ordered = (kind, parts) => parts.sort((one, other) => rank(kind, one) - rank(kind, other));
  const works = ({ folder }) => LONG.works.includes(folder);
  return { waits: ordered('waits', list.filter((part) => !works(part))), works: ordered('works', list.filter(works)) };
}

/** Runs every part of the list, as many beside each other as `AT_A_TIME` says. */
async function runAll(list, seed) {
  const { waits, works } = inOrder(list);
  const results = [];
  const lane = async (first, second) => {
    for (let part; (part = first.shift() ?? second.shift());) {
      const result = await run(part, seed);
      process.stdout.write(result.output);
      results.push(result);
    }
  };
  await Promise.all([
    ...Array.from({ length: AT_A_TIME.waits }, () => lane(waits, works)),
    ...Array.from({ length: AT_A_TIME.works }, () => lane(works, waits))
  ]);
  return results;
}

/** What mocha says of the tests that failed, or all that a process printed that ended before it could say so. */
const failures = ({ output }) => /^ {2}\d+ failing\n[^]*/m.exec(output)?.[0] ?? output;

/** How many tests mocha says that there were, and how many cargo. */
const COUNTS = {
  passing: /^ {2}(\d+) passing|^test result: .* (\d+) passed/gm,
  pending: /^ {2}(\d+) pending|^test result: .* (\d+) ignored/gm,
  failing: /^ {2}(\d+) failing|^test result: .* (\d+) failed/gm
};

function total(results, word) {
  const numbers = results.flatMap(({ output }) => [...output.matchAll(COUNTS[word])]);
  return numbers.reduce((sum, [, ofMocha, ofCargo]) => sum + Number(ofMocha ?? ofCargo), 0);
}

const OPTIONS = { tests: { type: 'string', default: path.join(ROOT, '__test__') }, beside: { type: 'string', multiple: true, default: [] } };

async function main(args) {
  const { values, positionals: asked } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
  const tests = path.resolve(values.tests);
  const all = partsOf(tests);
  for (const name of asked) {
    if (all.some(({ folder }) => folder.startsWith(name))) continue;
    throw new Error(`no folder of tests begins with ${name}; there are ${[...new Set(all.map(({ folder }) => folder))].sort().join(', ')}`);
  }
  const list = all.filter(({ folder }) => asked.length === 0 || asked.some((name) => folder.startsWith(name)));
  list.push(...values.beside.map((command) => ({ folder: command, title: command, command })));
  // Where MongoDB is to be downloaded, once is enough. Where it is not to be had, the tests that need it say so.
  await findMongod().catch(() => {});

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
  console.log(`\n${total(first, 'passing')} passing, ${total(first, 'pending')} pending, ${total(first, 'failing')} failing at first, in ${minutes} minutes; TEST_SEED=${seed}`);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
