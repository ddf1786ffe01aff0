'use strict';

/**
 * Finds the addon for this platform and loads it, in the order of docs/platforms.md:
 *
 * 1. the file that NAPI_RS_NATIVE_LIBRARY_PATH names, and then no other;
 * 2. the file beside this package's own: a build on this machine;
 * 3. the package for this platform: where package managers put it, or where `require` finds it from here. In an
 *    application that was bundled, this is whatever the bundler made of it: a copied file, its path, its URL or its bytes;
 * 4. a file or that package near the program that runs, or in its working directory: for a bundle whose bundler
 *    left the addon where it was.
 */

const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const NAME = 'connect-mongodb-session';
/** In an application that was bundled as a CommonJS module, the directory of the bundle; as an ES module, none. */
const HERE = path.join(__dirname, '..', '..');

/**
 * @returns {{binding: object, file?: string}} the addon, and the file it was loaded from where that is known
 * @throws {Error} whose causes, one after the other, are what was tried
 */
function loadAddon() {
  const byHand = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  const failures = [];
  const found = byHand
    ? attempt(() => fromFile(fs.existsSync(byHand) ? path.resolve(byHand) : byHand), failures)
    : fromHere(failures) ?? fromProgram(failures);
  if (found === undefined) throw chained(failures);
  return found;
}

function fromHere(failures) {
  for (const name of platformNames()) {
    const found = attempt(() => fromFile(existing(HERE, fileName(name))), failures) ?? attempt(() => fromPackage(name), failures);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fromProgram(failures) {
  const program = process.argv[1] ? path.dirname(process.argv[1]) : process.cwd();
  for (const name of platformNames()) {
    const found = attempt(() => fromFile(existing(program, fileName(name))), failures) ??
      attempt(() => fromFile(resolveFrom(program, name)), failures) ??
      attempt(() => fromFile(resolveFrom(process.cwd(), name)), failures);
    if (found !== undefined) return found;
  }
  return undefined;
}

function attempt(load, failures) {
  try {
    return load();
  } catch (error) {
    failures.push(error);
    return undefined;
  }
}

function fromFile(file) {
  return { binding: addonOf(createRequire(path.join(HERE, 'index.js'))(file), [HERE]), file };
}

/** A bundler's work is looked at only where it is one. */
function addonOf(given, directories) {
  return typeof given?.Realm === 'function' ? given : require('./bundled-addon').addonOf(given, directories);
}

function fromPackage(name) {
  const placed = placedByInstallers(name);
  if (placed !== undefined) return fromFile(placed);
  const binding = addonOf(requirePackage(name), [HERE, process.argv[1] && path.dirname(process.argv[1]), process.cwd()]);
  try {
    return { binding, file: resolveFrom(HERE, name) };
  } catch {
    // Bundled: the package need not be there.
    return { binding };
  }
}

/**
 * Where `require` would look first, and npm, pnpm and Yarn put the package, its file is found in a tenth of the time: Node.js
 * would read what the package exports, for which it compiles its resolver of ES modules.
 *
 * @returns {undefined|string}
 */
function placedByInstallers(name) {
  const around = path.dirname(HERE);
  // Not that of a bundle, which may be anywhere.
  if (path.basename(around) !== 'node_modules') return undefined;
  const inside = path.join(`${NAME}-${name}`, fileName(name));
  const file = [path.join(HERE, 'node_modules', inside), path.join(around, inside)].find((each) => fs.existsSync(each));
  return file && fs.realpathSync(file);
}

/**
 * Bundlers and tools that trace files find the addons by these calls: a literal name each, all of them inside one
 * `try`, which tells the tools that most will not be installed.
 */
function requirePackage(name) {
  try {
    switch (name) {
      case 'linux-x64-gnu': return require('connect-mongodb-session-linux-x64-gnu');
      case 'linux-arm64-gnu': return require('connect-mongodb-session-linux-arm64-gnu');
      case 'linux-x64-musl': return require('connect-mongodb-session-linux-x64-musl');
      case 'linux-arm64-musl': return require('connect-mongodb-session-linux-arm64-musl');
      case 'darwin-x64': return require('connect-mongodb-session-darwin-x64');
      case 'darwin-arm64': return require('connect-mongodb-session-darwin-arm64');
      case 'win32-x64-msvc': return require('connect-mongodb-session-win32-x64-msvc');
      case 'win32-arm64-msvc': return require('connect-mongodb-session-win32-arm64-msvc');
    }
  } catch (error) {
    throw new Error(`Cannot load the package ${NAME}-${name}: ${firstLine(error)}`, { cause: error });
  }
  throw new Error(`there is no package ${NAME}-${name}`);
}

function resolveFrom(directory, name) {
  return createRequire(path.join(directory, 'index.js')).resolve(`${NAME}-${name}`);
}

function existing(directory, file) {
  const found = path.join(directory, file);
  if (fs.existsSync(found)) return found;
  throw new Error(`Cannot find ./${file} in ${directory}`);
}

function fileName(name) {
  return `${NAME}.${name}.node`;
}

/** @returns {string[]} what the addons for this platform are called: those of `tools/platform-package.js` */
function platformNames() {
  const { platform, arch } = process;
  if (platform === 'linux') return [`linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`];
  if (platform === 'win32') return [`win32-${arch}-msvc`];
  return platform === 'darwin' ? [`darwin-${arch}`, 'darwin-universal'] : [`${platform}-${arch}`];
}

/** `ldd` is a script that names its library; where there is none, Node's report of itself says what it runs on. */
function isMusl() {
  try {
    // As UTF-8, which Node.js reads in a tenth of the time that other encodings take it.
    return fs.readFileSync('/usr/bin/ldd', 'utf8').includes('musl');
  } catch {
    return isMuslByReport();
  }
}

function isMuslByReport() {
  const { report } = process;
  if (typeof report?.getReport !== 'function') return false;
  // Looking up the names of network peers could take seconds.
  const { excludeNetwork } = report;
  report.excludeNetwork = true;
  try {
    const { header, sharedObjects = [] } = report.getReport();
    return !header.glibcVersionRuntime && sharedObjects.some((file) => /libc\.musl-|ld-musl-/.test(file));
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

/** @returns {Error} the first failure, with the next as its cause, and so on */
function chained(failures) {
  return failures.reduceRight((cause, { message, code }) => Object.assign(new Error(message, { cause }), code && { code }), undefined);
}

function firstLine({ message }) {
  return String(message).split('\n')[0];
}

module.exports = { isMusl, loadAddon, platformNames };
