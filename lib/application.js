'use strict';

/**
 * Finds packages of the application that uses this one: its own `mongodb`, its own `bson`. Where this
 * package's own `require` would look, another version may stand, or nothing (pnpm, Yarn's Plug'n'Play).
 *
 * Node is asked from each place that tells where the application is, the best first:
 *
 * 1. the file that required this package: a part of the application, or of a library that wraps it;
 * 2. the process's main file, as Node's module loader and as the command line name it. ES modules have
 *    only the latter, as no file requires them; what a bundler wrote is mostly found here too;
 * 3. the working directory: for what a tool that is installed elsewhere runs (vitest, iisnode, a global pm2);
 * 4. this file itself: where npm installs packages side by side, the application's are around it.
 */

const fs = require('fs');
const { createRequire } = require('module');
const path = require('path');

/**
 * The file that the application would get from `require(name)`, or with several names, from requiring
 * the first one, then the second one from there, and so on. Nothing is loaded; nothing is remembered
 * either, so callers ask once.
 *
 * @param {...string} names such as `'mongodb'`, or `'mongoose', 'mongodb'` for the one that mongoose uses
 * @returns {string|undefined} an absolute path; undefined where there is none
 */
function resolveFromApplication(...names) {
  for (const place of places) {
    const file = attempt(() => names.reduce((from, name) => createRequire(from).resolve(name), place()));
    // Names of Node's own modules resolve to themselves.
    if (file !== undefined && path.isAbsolute(file)) return file;
  }
  return undefined;
}

const places = [
  requirer,
  () => require.main.filename,
  // The path may be a folder's (`node .`), or lack its extension: from below it, Node looks beside it as well.
  () => path.resolve(process.argv[1], '_'),
  () => path.resolve('_'),
  () => __filename
];

/**
 * The first file outside of this package on the way from this module up to the main one.
 *
 * The way begins in the cache of modules: where a bundler put several files into one, what it calls
 * `module` here is a stand-in that has no parent.
 */
function requirer() {
  const inside = packageFolder() + path.sep;
  let module = require.cache[__filename];
  while (module.filename.startsWith(inside)) module = module.parent;
  return module.filename;
}

/** The folder with the nearest package.json above this file. */
function packageFolder() {
  let folder = __dirname;
  while (!fs.existsSync(path.join(folder, 'package.json'))) {
    const above = path.dirname(folder);
    if (above === folder) throw new Error('no package.json');
    folder = above;
  }
  return folder;
}

/** What `find` returns; undefined where it throws: a place that there is not, a package that is not there. */
function attempt(find) {
  try {
    return find();
  } catch {
    return undefined;
  }
}

module.exports = { resolveFromApplication };
