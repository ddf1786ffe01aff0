'use strict';

/**
 * Makes an addon of what a bundler put in its place. Bundlers turn a `.node` file into its path, its URL or its bytes;
 * those that take JavaScript only get it as text from the platform's package (`tools/platform-package.js`).
 */

const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

/**
 * @param {*} given what `require` of an addon gave
 * @param {string[]} directories that a relative path may be relative to
 * @returns {object} the addon
 * @throws {Error} that says what was given in its place
 */
function addonOf(given, directories) {
  if (isAddon(given)) return given;
  // An ES module, as bundlers wrap them.
  const value = given?.default ?? given;
  if (isAddon(value)) return value;
  if (value instanceof Uint8Array) return fromBytes(sha256(value), () => value);
  if (typeof value?.brotli === 'string') return fromBytes(value.sha256, () => unpacked(value));
  if (typeof value === 'string' && value.startsWith('data:')) return addonOf(Buffer.from(value.slice(value.indexOf(',') + 1), 'base64'), directories);
  if (typeof value === 'string' || typeof value?.href === 'string') return fromPath(value, directories);
  throw new Error(`the bundler of this application has put ${described(value)} in the place of the native addon`);
}

function isAddon(value) {
  return typeof value?.Realm === 'function';
}

function described(value) {
  return value === null || typeof value !== 'object' ? `${typeof value} ${String(value)}` : `an object with the keys [${Object.keys(value)}]`;
}

function fromPath(value, directories) {
  const given = String(value);
  const relative = given.startsWith('file:') ? require('url').fileURLToPath(given) : given;
  // A path may begin with the application's public path, which is one of the web and not of the disk.
  const places = [relative, ...directories.filter(Boolean).map((directory) => path.join(directory, relative))].filter(path.isAbsolute);
  const file = places.find((place) => fs.existsSync(place));
  if (file === undefined) {
    throw new Error(`the bundler of this application has put ${given} in the place of the native addon, and there is no such file: ` +
      `it was looked for at ${places.join(', ')}`);
  }
  return load(file);
}

function sha256(bytes) {
  return require('crypto').createHash('sha256').update(bytes).digest('hex');
}

function unpacked({ brotli }) {
  return require('zlib').brotliDecompressSync(Buffer.from(brotli, 'base64'));
}

/**
 * Loads an addon that the bundle carries. The system loads them from files only, so it becomes one. The file is named
 * after what is in it: restarts and worker threads find it again, and it is never loaded without a look at its bytes.
 *
 * @param {string} digest SHA-256 of the bytes
 * @param {function(): Uint8Array} bytes called where the file is not there yet
 */
function fromBytes(digest, bytes) {
  let file = path.join(require('os').tmpdir(), `${digest}.node`);
  try {
    file = path.join(privateDirectory(), `${digest}.node`);
    if (!fs.existsSync(file) || sha256(fs.readFileSync(file)) !== digest) {
      const unfinished = `${file}.${process.pid}-${Date.now()}`;
      fs.writeFileSync(unfinished, bytes(), { mode: 0o700, flag: 'wx' });
      fs.renameSync(unfinished, file);
    }
    return load(file);
  } catch (cause) {
    throw new Error('the bundle of this application carries the native addon, which has to be a file to be loaded, and it could not ' +
      `be loaded as ${file}: ${cause.message}. Point TMPDIR to a directory that can be written to and executed from, or keep ` +
      'connect-mongodb-session out of the bundle', { cause });
  }
}

/** @returns {string} a directory for temporary files that nobody else can write to */
function privateDirectory() {
  const os = require('os');
  const user = process.getuid?.() ?? os.userInfo().username;
  const directory = path.join(os.tmpdir(), `connect-mongodb-session-${user}`);
  try {
    fs.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const { mode, uid } = fs.lstatSync(directory);
  const mine = process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0);
  return mine && fs.lstatSync(directory).isDirectory() ? directory : fs.mkdtempSync(`${directory}-`);
}

/** A `require` of this path's own: bundlers take hold of the one in this file. */
function load(file) {
  const addon = createRequire(file)(file);
  if (isAddon(addon)) return addon;
  throw new Error(`${file} is not the native addon of connect-mongodb-session`);
}

module.exports = { addonOf };
