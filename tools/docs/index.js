#!/usr/bin/env node
'use strict';

/**
 * Writes the generated parts of the documentation: `npm run docs`. With `--check` it changes
 * nothing and fails if something is out of date.
 */

const fs = require('fs');
const path = require('path');

const ROOT = path.join(__dirname, '..', '..');

/** Replaces what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
function fill(text, name, content) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no place for ${name}`);
  return `${text.slice(0, from + begin.length)}\n${content.trim()}\n${text.slice(to)}`;
}

/** The generated files by path, with what they should contain. */
function generated() {
  const { asMarkdown: differences } = require('../../__test__/parity/differences');
  const { asMarkdown: connectionOptions } = require('./options-page');
  const { asMarkdown: figures } = require('./performance-table');
  const { page: performancePage } = require('./performance-page');
  const { asMarkdown: size } = require('./size-table');
  const { checks, promises } = require('./reliability-table');
  const filled = (name, tables) => {
    return Object.entries(tables).reduce((text, [place, table]) => fill(text, place, table()), fs.readFileSync(path.join(ROOT, name), 'utf8'));
  };
  return {
    'README.md': filled('README.md', { figures }),
    'tools/benchmark/README.md': filled('tools/benchmark/README.md', { size }),
    'docs/connection-options.md': connectionOptions(),
    'docs/differences.md': filled('docs/differences.md', { differences }),
    'docs/performance.md': performancePage(),
    'docs/reliability.md': filled('docs/reliability.md', { checks, promises })
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
