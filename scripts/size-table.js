'use strict';

/** The README's table of sizes and times, made from what `npm run test:package -- --save` kept. */

const fs = require('fs');
const path = require('path');

const RESULTS = path.join(__dirname, '..', 'benchmark', 'results', 'package.json');

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** @returns {string} the table and what it was measured on, as Markdown */
function asMarkdown() {
  const { takenAt, node, machine, addonBytes, downloadBytes, original, ours } = JSON.parse(fs.readFileSync(RESULTS, 'utf8'));
  const row = (title, read) => `| ${title} | ${read(original)} | ${read(ours)} |`;
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

module.exports = { asMarkdown };
