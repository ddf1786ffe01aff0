#!/usr/bin/env node
'use strict';

/**
 * Writes the generated parts of the documentation: `npm run docs`. With `--check` it changes
 * nothing and fails if something is out of date.
 */

const fs = require('fs');
const path = require('path');

const ROOT = path.join(__dirname, '..');

/** Replaces what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
function fill(text, name, content) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no place for ${name}`);
  return `${text.slice(0, from + begin.length)}\n${content.trim()}\n${text.slice(to)}`;
}

/** The generated files by path, with what they should contain. */
function generated() {
  const { asMarkdown } = require('../__test__/parity/differences');
  const { asMarkdown: connectionOptions } = require('./options-page');
  const { asMarkdown: performance } = require('./performance-table');
  const { page: performancePage } = require('./performance-page');
  const { asMarkdown: size } = require('./size-table');
  const reliability = require('./reliability-table');
  const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');
  const tables = { differences: asMarkdown, performance, size, reliability: reliability.asMarkdown };
  return {
    'README.md': Object.entries(tables).reduce((text, [name, table]) => fill(text, name, table()), read('README.md')),
    'benchmark/README.md': fill(read('benchmark/README.md'), 'size', size()),
    'docs/performance.md': performancePage(),
    'docs/reliability.md': reliability.page(),
    'docs/connection-options.md': connectionOptions()
  };
}

function main(check) {
  for (const [name, content] of Object.entries(generated())) {
    const file = path.join(ROOT, name);
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === content) continue;
    if (check) {
      console.error(`${name} is out of date: run \`npm run docs\``);
      process.exitCode = 1;
    } else {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, content);
    }
  }
}

main(process.argv.includes('--check'));
