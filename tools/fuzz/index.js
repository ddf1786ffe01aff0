#!/usr/bin/env node
'use strict';

/**
 * Fuzzes what reads bytes from outside (`fuzz/`), with AddressSanitizer and debug assertions:
 *
 *     npm run fuzz                                  all targets, a minute each
 *     npm run fuzz -- socks 300                     one target, five minutes
 *     npm run fuzz -- --jobs 2 --keep --save        two at once; keep new inputs, and the figures
 *
 * Needs cargo-fuzz (`cargo install cargo-fuzz`) and a C++ compiler; a stable toolchain will do.
 */

const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { parseArgs } = require('util');
const archive = require('./archive');
const progress = require('./progress');
const { result } = require('./result');

const ROOT = path.join(__dirname, '..', '..');
const FUZZ = path.join(ROOT, 'fuzz');
const RESULT = path.join(ROOT, 'tools', 'torture', 'results', 'fuzz.json');
const DEFAULT_SECONDS = 60;
/** Longer inputs say little more. */
const LONGEST = 1024;
/** Longer ones are not kept: the corpus is part of the repository. In bytes. */
const KEPT = 200;
/** What libFuzzer itself may take, in MB. */
const MEMORY = 2048;
/** One run that takes longer, in seconds, is a finding. */
const SLOWEST = 10;

// cargo-fuzz asks for compiler flags that a stable toolchain gives only so.
const env = { ...process.env, RUSTC_BOOTSTRAP: '1' };
// As cargo-fuzz does: the addon's library is linked twice.
const sanitized = { ...process.env, ASAN_OPTIONS: 'detect_odr_violation=0' };

const targets = () => fs.readdirSync(path.join(FUZZ, 'fuzz_targets')).map((name) => path.parse(name).name);
const archived = (target) => path.join(FUZZ, 'corpus', `${target}.txt`);
/** The archive, laid out for libFuzzer. */
const corpus = (target) => path.join(FUZZ, 'target', 'corpus', target);
/** What was found in earlier runs and is not kept in the repository. */
const found = (target) => path.join(FUZZ, 'target', 'found', target);
const cargo = (...args) => spawnSync('cargo', args, { cwd: ROOT, env, stdio: 'inherit' }).status === 0;

function binary(target) {
  const { stdout } = spawnSync('rustc', ['-vV'], { encoding: 'utf8' });
  const [, host] = /^host: (.*)$/m.exec(stdout);
  return path.join(FUZZ, 'target', host, 'release', target);
}

/** @returns {string|undefined} what has to be installed first */
function missing() {
  const asked = spawnSync('cargo', ['fuzz', '--version'], { cwd: ROOT, encoding: 'utf8' });
  if (asked.error) return 'cargo is not installed: https://rustup.rs';
  if (asked.status !== 0) return 'cargo-fuzz is not installed: cargo install cargo-fuzz';
}

/**
 * Fuzzes one target from the corpus and what earlier runs found.
 *
 * @param {string} target
 * @param {number} limit in seconds
 * @returns {Promise<object>} its figures; `failure` is libFuzzer's word for what it found
 */
async function fuzz(target, limit) {
  const options = [`-max_total_time=${limit}`, `-max_len=${LONGEST}`, `-rss_limit_mb=${MEMORY}`, `-timeout=${SLOWEST}`, '-print_final_stats=1'];
  const artifacts = path.join(FUZZ, 'artifacts', target);
  archive.unpack(archived(target), corpus(target));
  for (const folder of [artifacts, found(target)]) fs.mkdirSync(folder, { recursive: true });
  const args = [...options, `-artifact_prefix=${artifacts}${path.sep}`, found(target), corpus(target)];
  const child = spawn(binary(target), args, { env: sanitized, stdio: ['ignore', 'ignore', 'pipe'] });
  const seen = progress.start();
  child.stderr.setEncoding('utf8').on('data', (text) => progress.read(seen, text, Date.now()));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { target, seconds: limit, ...progress.figures(seen, code, Date.now()) };
}

/** Adds the small ones of what covers more to the corpus of the repository. */
function keep(target) {
  const small = fs.mkdtempSync(path.join(FUZZ, 'target', 'small-'));
  for (const name of fs.readdirSync(found(target))) {
    const file = path.join(found(target), name);
    if (fs.statSync(file).size <= KEPT) fs.copyFileSync(file, path.join(small, name));
  }
  // One input for each place in the code, not for each number of times that it is passed.
  const options = ['-set_cover_merge=1', '-use_counters=0', `-max_len=${LONGEST}`];
  const { status } = spawnSync(binary(target), [...options, corpus(target), small], { env: sanitized, stdio: 'ignore' });
  fs.rmSync(small, { recursive: true });
  if (status !== 0) throw new Error(`the corpus of ${target} cannot be merged: code ${status}`);
  archive.pack(corpus(target), archived(target));
}

/** Puts the figures in the place of those of the same targets. */
function save(all, started) {
  const before = fs.existsSync(RESULT) ? JSON.parse(fs.readFileSync(RESULT, 'utf8')).contestants.ours.figures.each : [];
  const kept = before.filter(({ target }) => targets().includes(target) && !all.some((figures) => figures.target === target));
  fs.writeFileSync(RESULT, `${JSON.stringify(result([...kept, ...all], started, os), null, 1)}\n`);
}

function print(figures) {
  const { target, runs, coverage, lastNewSeconds, seconds, failure } = figures;
  const plateau = `last new coverage after ${lastNewSeconds} of ${seconds} s`;
  console.log(`${target.padEnd(14)} ${String(runs).padStart(10)} runs  coverage ${String(coverage).padStart(5)}  ${failure ?? plateau}`);
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { jobs: { type: 'string', default: '1' }, keep: { type: 'boolean' }, save: { type: 'boolean' } }
  });
  const limit = Number(positionals.find((word) => /^\d+$/.test(word)) ?? DEFAULT_SECONDS);
  const named = positionals.filter((word) => !/^\d+$/.test(word));
  const unknown = named.find((name) => !targets().includes(name));
  const problem = unknown ? `${unknown} is none of the targets: ${targets().join(', ')}` : missing();
  if (problem) {
    console.error(problem);
    process.exitCode = 2;
    return;
  }
  const waiting = named.length > 0 ? named : targets();
  if (!cargo('fuzz', 'build')) throw new Error('the targets do not compile');
  const [started, all] = [Date.now(), []];
  const lane = async () => {
    while (waiting.length > 0) {
      const figures = await fuzz(waiting.shift(), limit);
      all.push(figures);
      print(figures);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, lane));
  if (values.keep) all.forEach(({ target }) => keep(target));
  if (values.save) save(all, started);
  for (const { target, failure } of all.filter((figures) => figures.failure)) {
    console.error(`${target}: ${failure}; the input is in fuzz/artifacts/${target}`);
    process.exitCode = 1;
  }
}

main();
