'use strict';

/**
 * Compiles the type tests as applications would be: one TypeScript project for each way of importing. A line
 * under `@ts-expect-error` that compiles after all is an error too.
 *
 * Run by itself, it is a lint: `node __test__/types/check.js`.
 */

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const PROJECTS = path.join(__dirname, 'projects');
const TSC = require.resolve('typescript/bin/tsc');

/** @returns {string[]} the projects' names */
function projects() {
  return fs.readdirSync(PROJECTS).map((file) => path.basename(file, '.json')).filter((name) => name !== 'base').sort();
}

/**
 * Compile a project without output.
 *
 * @param {string} config path of its tsconfig
 * @returns {Promise<{ok: boolean, messages: string}>}
 */
function compile(config) {
  const child = spawn(process.execPath, [TSC, '--project', config, '--pretty', 'false'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let messages = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { messages += text; });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ok: code === 0, messages }));
  });
}

/** @param {string} name one of `projects()` */
function check(name) {
  return compile(path.join(PROJECTS, `${name}.json`));
}

async function main() {
  for (const name of projects()) {
    const { ok, messages } = await check(name);
    process.stdout.write(messages);
    if (!ok) process.exitCode = 1;
  }
}

if (require.main === module) main();

module.exports = { check, compile, projects };
