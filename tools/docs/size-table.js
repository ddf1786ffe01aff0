#!/usr/bin/env node
'use strict';

/**
 * Sizes and times of installing and loading, made from what `npm run test:package -- --save` kept.
 *
 *     node tools/docs/size-table.js [COMMIT]
 *
 * prints how large the repository is as well: files and lines by what they are for, as they are at COMMIT (`HEAD` by default).
 */

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const RESULTS = path.join(__dirname, '..', 'benchmark', 'results', 'package.json');
/** The time to the first result is in there, as `npm run bench` measured it. */
const BENCHMARK = path.join(__dirname, '..', 'benchmark', 'results', 'latest.json');

/** Files of code, by what they are for: the first that fits. */
const KINDS = {
  tests: /^(__test__|tests)\/|(^|\/)tests\.rs$|_tests\.rs$/,
  'lib, and the entries': /^lib\/.*\.js$|^[\w-]+(?<!config|binding)\.js$/,
  types: /\.d\.ts$/,
  src: /^src\/|^build\.rs$/,
  examples: /^examples\//,
  tools: /./
};
const CODE = /\.([cm]?[jt]sx?|rs)$/;
const GENERATED = /(^|\/)binding(\.d\.ts|\.js)$/;

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

const read = () => JSON.parse(fs.readFileSync(RESULTS, 'utf8'));

/** @returns {{ours: string, original: string}} what each takes on the disk, with all that it needs */
function installed() {
  const { ours, original } = read();
  return { ours: megabytes(ours.installedBytes), original: megabytes(original.installedBytes) };
}

/** @returns {string} the table and what it was measured on, as Markdown */
function asMarkdown() {
  const { takenAt, node, machine, addonBytes, downloadBytes, original, ours } = read();
  const row = (title, show) => `| ${title} | ${show(original)} | ${show(ours)} |`;
  return [
    '| | original | here |',
    '|---|---|---|',
    row('installed, with all that it needs', ({ installedBytes }) => megabytes(installedBytes)),
    row('packages', ({ packages }) => packages),
    row('`npm install`, from a full cache', ({ installSeconds }) => `${installSeconds.toFixed(1)} s`),
    row('`require`', ({ requireMs }) => `${requireMs.toFixed(0)} ms`),
    row('memory that `require` takes', ({ requireBytes }) => megabytes(requireBytes)),
    '',
    `The binary has ${megabytes(addonBytes)}, ${megabytes(downloadBytes)} of download (${machine}, Node.js ${node}, ${takenAt.slice(0, 10)}).`
  ].join('\n');
}

function git(...args) {
  return execFileSync('git', args, { cwd: path.join(__dirname, '..'), encoding: 'utf8', maxBuffer: 64e6 });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/**
 * @param {string} commit
 * @returns {{kinds: Object<string, number[]>, entries: number}} the lines of each file of code, by what they are for; and
 *   how many files and folders there are at the top
 */
function counted(commit) {
  const names = git('ls-tree', '-r', '--name-only', '--full-tree', commit).trim().split('\n');
  // Whatever has a line, with how many.
  const lines = git('grep', '--full-name', '-c', '', commit, '--', ':/').trim().split('\n').map((line) => {
    const [, name, count] = /^[^:]+:(.*):(\d+)$/.exec(line) ?? [];
    return [name, Number(count)];
  });
  const kinds = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
  for (const [name, count] of lines) {
    if (name === undefined || !CODE.test(name) || GENERATED.test(name)) continue;
    kinds[Object.keys(KINDS).find((kind) => KINDS[kind].test(name))].push(count);
  }
  return { kinds, entries: new Set(names.map((name) => name.split('/')[0])).size };
}

/** @returns {string} files, lines and the median file, by what they are for, and the entries at the top, as Markdown */
function repository(commit) {
  const { kinds, entries } = counted(commit);
  const rows = Object.entries(kinds).map(([kind, lines]) => {
    return `| ${kind} | ${lines.length} | ${lines.reduce((sum, count) => sum + count, 0)} | ${median(lines) ?? ''} |`;
  });
  return ['| code | files | lines | median file |', '|---|---|---|---|', ...rows, '', `Entries at the top: ${entries}.`].join('\n');
}

/** @returns {string} how long the first result of a fresh process takes, as one sentence */
function start() {
  const { footprints: { original, ours }, takenAt } = JSON.parse(fs.readFileSync(BENCHMARK, 'utf8'));
  const ms = ({ firstResultMs }) => `${firstResultMs.median.toFixed(0)} ms`;
  return `The first result takes ${ms(ours)}, the original's ${ms(original)} (${takenAt.slice(0, 10)}).`;
}

if (require.main === module) {
  const [commit = 'HEAD'] = process.argv.slice(2);
  console.log(`${repository(commit)}\n\n${asMarkdown()}\n\n${start()}`);
}

module.exports = { asMarkdown, installed, repository };
