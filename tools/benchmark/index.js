#!/usr/bin/env node
'use strict';

/** `npm run bench`: session stores side by side. `npm run bench -- --help` says what can be measured. */

const fs = require('fs');
const path = require('path');
const { parse } = require('./options');
const { plots } = require('./plots');
const { report } = require('./report');
const { run } = require('./run');

const OUT = path.join(__dirname, 'results', 'latest.json');
const IMAGES = path.join(__dirname, '..', '..', 'docs', 'images');

function write(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}

async function main(args) {
  const options = parse(args);
  if (options.help) {
    console.log(options.help);
    return;
  }
  const { out = OUT, images = IMAGES, save } = options;
  const progress = (message) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${message}\n`);
  const results = options.report ? JSON.parse(fs.readFileSync(out, 'utf8')) : await run(options, progress);
  console.log(report(results));
  if (!save) return;
  if (!options.report) write(out, `${JSON.stringify(results, null, 2)}\n`);
  for (const [name, svg] of Object.entries(plots(results))) write(path.join(images, name), svg);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
