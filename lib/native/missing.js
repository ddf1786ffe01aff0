'use strict';

/** What is said when the addon does not load: why, and what to do about it. */

const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');
const { isMusl } = require('./addon');

const ROOT = path.join(__dirname, '..', '..');
const NAME = 'connect-mongodb-session';
/** The platforms that binaries are published for; a test holds this against the manifest. */
const PUBLISHED = [
  'linux-x64-gnu', 'linux-arm64-gnu', 'linux-x64-musl', 'linux-arm64-musl', 'darwin-x64', 'darwin-arm64', 'win32-x64-msvc',
  'win32-arm64-msvc'
];
const LIBC = { gnu: 'glibc', musl: 'musl' };
const PLATFORM_PACKAGE = /^connect-mongodb-session-(linux|darwin|win32)-/;

/**
 * The error of an addon that did not load.
 *
 * @param {Error} failure what the loader threw; its causes are what it tried, one after another, without their codes
 * @returns {Error} names the missing package and the command that gets it, or what else is in the way; its one cause
 *   lists what was tried
 */
function missingAddon(failure) {
  const platform = currentPlatform();
  const hidden = unreadable(platform);
  if (hidden !== undefined) return new Error(hidden, { cause: attempts(failure, 'ERR_ACCESS_DENIED') });
  const file = fileOf(platform);
  const refusal = file && refusalOf(file);
  const message = forbidden(refusal) ?? broken(platform, file, refusal ?? failure) ?? absent(platform);
  return new Error(message, { cause: attempts(failure, refusal?.code ?? 'MODULE_NOT_FOUND') });
}

/** This process loads no addon at all. */
function forbidden(refusal) {
  if (refusal?.code !== 'ERR_DLOPEN_DISABLED') return undefined;
  const started = process.permission === undefined
    ? 'Start Node.js without --no-addons (or, with --permission, with --allow-addons)'
    : 'Start Node.js, besides --permission, with --allow-addons';
  return `${NAME} is a native addon, and this process may not load any (${refusal.code}). ${started}`;
}

/** The permission model keeps the addon's file from being read. */
function unreadable(platform) {
  const own = ownFile(platform);
  const folder = path.join(ROOT, '..');
  if (mayRead(own) && (fs.existsSync(own) || mayRead(path.join(folder, `${NAME}-${platform.name}`)))) return undefined;
  return `${NAME} is a native addon, and this process may not read it (ERR_ACCESS_DENIED). Start Node.js, besides --permission, ` +
    `with --allow-addons and --allow-fs-read=${path.join(folder, '*')}`;
}

function mayRead(file) {
  return process.permission === undefined || process.permission.has('fs.read', file);
}

/** A file is there, and the system refuses it. */
function broken(platform, file, { message }) {
  if (file === undefined) return undefined;
  const reason = String(message).split('\n')[0];
  const why = reason.includes(file) ? reason : `${file}: ${reason}`;
  if (file === process.env.NAPI_RS_NATIVE_LIBRARY_PATH) {
    return `The native addon of ${NAME} that NAPI_RS_NATIVE_LIBRARY_PATH names does not load: ${why}. Correct that environment ` +
      'variable, or take it away';
  }
  return `The native addon of ${NAME} for ${described(platform)} does not load: ${why}. Get it anew, after deleting node_modules, ` +
    `with: ${installCommand(platform)}${advice()}`;
}

function absent(platform) {
  if (!PUBLISHED.includes(platform.name)) {
    return `${NAME} has no native addon for ${described(platform)}, and none is published. Install Rust (https://rustup.rs) and ` +
      `a C compiler, and run \`${buildCommand()}\` to build one`;
  }
  const others = installedPlatforms();
  const found = others.length > 0 ? `. Installed are those of other platforms: ${others.join(', ')}` : '';
  return `The package ${NAME}-${platform.name} is not installed: it has the native addon for ${described(platform)}${found}. ` +
    `Get it with: ${installCommand(platform)}${advice()}`;
}

/** What depends on where this runs. All of it is said: what a process can see of that is not reliable. */
function advice() {
  const lines = [
    'npm: not with --omit=optional; where package-lock.json was made on another platform and does not name the package, delete ' +
      'it and node_modules first. pnpm and Yarn: supportedArchitectures',
    'AWS Lambda, Docker: node_modules is for the machine that it was installed on; install in the image, or with the command ' +
      'above for the platform that runs it (--cpu=x64 or --cpu=arm64, --libc=glibc; on Alpine --libc=musl)',
    `bundles (webpack, esbuild, rollup, Next.js): keep ${NAME} out of the bundle, as an external package in node_modules`,
    `no binary that fits: install Rust (https://rustup.rs) and a C compiler, and run \`${buildCommand()}\` to build one`
  ];
  return lines.map((line) => `\n- ${line}`).join('');
}

function installCommand({ os, cpu, libc }) {
  return `npm install --os=${os} --cpu=${cpu}${libc === undefined ? '' : ` --libc=${libc}`}`;
}

function buildCommand() {
  return `node ${path.join(ROOT, 'tools', 'install.js')}`;
}

function described({ os, cpu, libc }) {
  return [os, cpu, libc].filter(Boolean).join(' ');
}

/** @returns {{name: string, os: string, cpu: string, libc?: string}} this machine, in the loader's words */
function currentPlatform() {
  const { platform: os, arch: cpu } = process;
  const abi = { linux: () => (isMusl() ? 'musl' : 'gnu'), win32: () => 'msvc' }[os]?.();
  return { name: [os, cpu, abi].filter(Boolean).join('-'), os, cpu, libc: LIBC[abi] };
}

/** @returns {string} where a build on this machine puts the addon */
function ownFile({ name }) {
  return path.join(ROOT, `${NAME}.${name}.node`);
}

/** @returns {undefined|string} the addon that was to be loaded, where there is one */
function fileOf(platform) {
  const byHand = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  if (byHand) return byHand;
  const own = ownFile(platform);
  if (fs.existsSync(own)) return own;
  try {
    // Not by `require`, which bundlers would follow.
    return createRequire(path.join(ROOT, 'index.js')).resolve(`${NAME}-${platform.name}`);
  } catch {
    return undefined;
  }
}

/** @returns {undefined|Error} why the system does not load a file, with the code that the loader does not keep */
function refusalOf(file) {
  try {
    process.dlopen({ exports: {} }, file);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** @returns {string[]} the packages of platforms beside this package */
function installedPlatforms() {
  try {
    return fs.readdirSync(path.join(ROOT, '..')).filter((name) => PLATFORM_PACKAGE.test(name));
  } catch {
    return [];
  }
}

/** @returns {Error} all that was tried, in one error: the loader nests one in the other */
function attempts(failure, code) {
  const tried = [];
  for (let error = failure; error instanceof Error && !tried.includes(error); error = error.cause) tried.push(error);
  const error = new Error(tried.map(({ message }) => message.split('\n')[0]).join('; '));
  error.code = code;
  return error;
}

module.exports = { PUBLISHED, missingAddon };
