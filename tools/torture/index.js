#!/usr/bin/env node
'use strict';

/** `npm run torture`: what the store survives, beside the original. `npm run torture -- --help` says what there is. */

const fs = require('fs');
const path = require('path');
const { Checks } = require('./checks');
const { runMemory } = require('./memory');
const { parse } = require('./options');
const { plots } = require('./plots');
const { asText, runScenario } = require('./run');

const RESULTS = path.join(__dirname, 'results');
const IMAGES = path.join(__dirname, '..', '..', 'docs', 'images');

async function main(args) {
  const options = parse(args);
  if (options.help) {
    console.log(options.help);
    return;
  }
  const progress = (message) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${message}\n`);
  for (const name of options.scenarios) {
    const results = name === 'memory' ? await runMemory(progress) : await runScenario(name, { ...options, progress });
    console.log(`${asText(results)}\n`);
    if (Checks.broken(results.contestants.ours?.checks ?? []).length > 0) process.exitCode = 1;
    if (options.save) save(options.out, results);
  }
}

const rounded = (_, value) => (typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(2)) : value);

/** Where results go by themselves, their plots go to the documentation. */
function save(out, results) {
  const directory = out ?? RESULTS;
  fs.mkdirSync(directory, { recursive: true });
  for (const [name, svg] of Object.entries(plots(results))) fs.writeFileSync(path.join(out ?? IMAGES, name), svg);
  fs.writeFileSync(path.join(directory, `${results.scenario}.json`), `${JSON.stringify(results, rounded, 1)}\n`);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
