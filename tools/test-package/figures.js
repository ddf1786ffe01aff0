'use strict';

/** What installing and loading costs, beside the original: `npm run test:package -- --save`. */

const fs = require('fs');
const path = require('path');

const ROUNDS = 7;
/** The packages that each application has anyway are installed before. */
const LOAD = `
const session = require('express-session');
const { performance } = require('perf_hooks');
const before = process.memoryUsage.rss();
const started = performance.now();
require('connect-mongodb-session')(session);
console.log(JSON.stringify({ ms: performance.now() - started, bytes: process.memoryUsage.rss() - before }));
`;

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** @returns {number} bytes of all files below a directory */
function bytesBelow(directory) {
  return fs.readdirSync(directory, { withFileTypes: true }).reduce((sum, entry) => {
    const file = path.join(directory, entry.name);
    return sum + (entry.isDirectory() ? bytesBelow(file) : fs.lstatSync(file).size);
  }, 0);
}

/** @returns {number} how many packages are below a directory of modules */
function packagesBelow(modules) {
  return Object.keys(JSON.parse(fs.readFileSync(path.join(modules, '.package-lock.json'), 'utf8')).packages).length;
}

async function one(managers, title, spec) {
  const seconds = [];
  let app;
  for (let round = 0; round < 4; round++) {
    app = managers.app(`figures-${title}-${round}`);
    await managers.npm(app, 'install', 'express-session@1');
    const modules = path.join(app, 'node_modules');
    const before = { bytes: bytesBelow(modules), packages: packagesBelow(modules) };
    const started = performance.now();
    await managers.npm(app, 'install', '--prefer-offline', spec);
    // The first round fills npm's cache.
    if (round > 0) seconds.push((performance.now() - started) / 1000);
    app = { app, bytes: bytesBelow(modules) - before.bytes, packages: packagesBelow(modules) - before.packages };
  }
  const loads = [];
  for (let round = 0; round <= ROUNDS; round++) loads.push(JSON.parse(await managers.node(app.app, '-e', LOAD)));
  loads.shift();
  return {
    installSeconds: median(seconds),
    installedBytes: app.bytes,
    packages: app.packages,
    requireMs: median(loads.map(({ ms }) => ms)),
    requireBytes: median(loads.map(({ bytes }) => bytes))
  };
}

/**
 * @param {import('./managers').Managers} managers
 * @param {string} name of the package under test, with its version
 * @returns {Promise<object>} medians, of this package and of the original
 */
async function measure(managers, name) {
  return { original: await one(managers, 'original', 'connect-mongodb-session@5.0.0'), ours: await one(managers, 'ours', name) };
}

module.exports = { measure };
