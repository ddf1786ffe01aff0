#!/usr/bin/env node
'use strict';

/**
 * Builds the addon as it is published:
 *
 *     node tools/release/build.js TARGET OUT
 *
 * TARGET is one of `napi.targets` in package.json, OUT the directory to write to. For Linux, zig does the linking, so
 * that the addon loads with a glibc much older than that of the machine it is built on. `cargo-zigbuild` and `zig` are
 * taken from PATH, or installed by pip into the user's cache directory.
 *
 * Ends with 3 when zig cannot be had here.
 */

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { binaryName, platforms } = require('../platform-package');
const { PUBLISHED, compare, glibcFloor } = require('./glibc-floor');

const ROOT = path.join(__dirname, '..', '..');
/** The versions that were tried. */
const ZIG = ['ziglang==0.17.1', 'cargo-zigbuild==0.24.0'];
const UNAVAILABLE = 3;
const LIBRARY = { linux: 'libconnect_mongodb_session.so', darwin: 'libconnect_mongodb_session.dylib', win32: 'connect_mongodb_session.dll' };

function works(command, args, env) {
  return spawnSync(command, args, { env, stdio: 'ignore' }).status === 0;
}

/** @returns {object|null} an environment in which `cargo zigbuild` works */
function withZig() {
  if (works('cargo-zigbuild', ['--version']) && works('zig', ['version'])) return process.env;
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'connect-mongodb-session');
  const tools = path.join(cache, `zig-${ZIG.join('-').replace(/[^\w.]+/g, '-')}`);
  const env = { ...process.env, PATH: `${path.join(tools, 'bin')}${path.delimiter}${process.env.PATH}` };
  const zig = () => works('cargo-zigbuild', ['--version'], env) && works('python3', ['-m', 'ziglang', 'version'], env);
  if (zig()) return env;
  const made = spawnSync('python3', ['-m', 'venv', tools], { stdio: 'inherit' }).status === 0 &&
    spawnSync(path.join(tools, 'bin', 'pip'), ['install', '--quiet', '--no-input', ...ZIG], { stdio: 'inherit' }).status === 0;
  return made && zig() ? env : null;
}

/** @returns {{command: string, args: string[], env: object}|null} how cargo builds for a platform; null without the tools it takes */
function recipe({ target, os: system, libc }) {
  // Of the two kinds of library in Cargo.toml only the one for Node: Cargo optimizes across crates (`lto`) for it alone.
  const args = ['rustc', '--release', '--lib', '--crate-type', 'cdylib', '--locked', '--target'];
  if (system !== 'linux') return { command: 'cargo', args: [...args, target], env: process.env };
  const env = withZig();
  if (env === null) return null;
  if (libc === 'glibc') return { command: 'cargo-zigbuild', args: [...args, `${target}.${PUBLISHED}`], env };
  // Node's process brings musl: the addon must not carry a second one.
  const flags = [process.env.RUSTFLAGS, '-C target-feature=-crt-static'].filter(Boolean).join(' ');
  return { command: 'cargo-zigbuild', args: [...args, target], env: { ...env, RUSTFLAGS: flags } };
}

/** @returns {number} the exit code */
function build(target, out) {
  const platform = platforms().find((one) => one.target === target);
  if (platform === undefined) {
    console.error(`${target} is no target; there are: ${platforms().map((one) => one.target).join(', ')}`);
    return 2;
  }
  const cargo = recipe(platform);
  if (cargo === null) {
    console.error('zig is not to be had here, which links the published addon for Linux');
    return UNAVAILABLE;
  }
  if (spawnSync(cargo.command, cargo.args, { cwd: ROOT, env: cargo.env, stdio: 'inherit' }).status !== 0) return 1;
  const directory = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), target, 'release');
  const file = path.join(out, binaryName(platform));
  fs.mkdirSync(out, { recursive: true });
  fs.copyFileSync(path.join(directory, LIBRARY[platform.os]), file);
  console.log(`${file}: ${(fs.statSync(file).size / 1e6).toFixed(2)} MB`);
  if (platform.libc !== 'glibc') return 0;
  const { version, symbols } = glibcFloor(file);
  console.log(`needs glibc ${version} or newer`);
  if (compare(version, PUBLISHED) <= 0) return 0;
  console.error(`more than the ${PUBLISHED} that is promised: ${symbols.join(', ')}`);
  return 1;
}

const [target, out] = process.argv.slice(2);
if (out === undefined) {
  console.error('usage: node tools/release/build.js TARGET OUT');
  process.exitCode = 2;
} else {
  process.exitCode = build(target, path.resolve(out));
}
