'use strict';

/**
 * Makes sure that there is an addon for this platform: where no binary came with the package (a clone, an uncommon
 * platform) it is built from source with Rust. Runs at `npm install` of a clone or of a package that was packed from
 * one; the published package runs nothing at installation, its users start this by hand where they need it.
 */

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { binaryName, currentPlatform } = require('./platform-package');

const ROOT = path.join(__dirname, '..');
/** Whether to build one of the sources as they are, though there is an addon. */
const REBUILD = process.argv.includes('--rebuild');
const OUTPUT = { linux: 'libconnect_mongodb_session.so', darwin: 'libconnect_mongodb_session.dylib' };
const MINIMUM_RUST = fs.readFileSync(path.join(ROOT, 'Cargo.toml'), 'utf8').match(/rust-version = "(.*)"/)[1];

function loads() {
  // In a process of its own: an addon that crashes on loading must not end the installation.
  const script = `require(${JSON.stringify(ROOT)})`;
  return spawnSync(process.execPath, ['-e', script], { stdio: 'ignore' }).status === 0;
}

function build() {
  const version = spawnSync('cargo', ['--version'], { encoding: 'utf8' });
  if (version.status !== 0) {
    return (
      `connect-mongodb-session has no prebuilt addon for ${process.platform} ${process.arch}, and Rust is not ` +
      'installed to build one.\n' +
      `Install Rust ${MINIMUM_RUST} or newer and a C compiler (https://rustup.rs has the one-line command for Rust), ` +
      `make sure that \`cargo --version\` works, and run \`node ${__filename}\`.`
    );
  }
  console.log('connect-mongodb-session: building the native addon from source; this takes a few minutes');
  const target = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
  // Of the two kinds of library in Cargo.toml only the one for Node: Cargo optimizes across crates (`lto`) for it alone.
  const args = ['rustc', '--release', '--lib', '--crate-type', 'cdylib', '--locked'];
  const built = spawnSync('cargo', args, { cwd: ROOT, stdio: 'inherit' });
  if (built.status !== 0) {
    return (
      'connect-mongodb-session: the native addon could not be built; the compiler\'s messages are above.\n' +
      `It takes Rust ${MINIMUM_RUST} or newer (here: ${version.stdout.trim()}) and a C compiler.`
    );
  }
  const library = OUTPUT[process.platform] ?? 'connect_mongodb_session.dll';
  fs.copyFileSync(path.join(target, 'release', library), path.join(ROOT, binaryName(currentPlatform())));
  return loads() ? null : 'connect-mongodb-session: the native addon was built but does not load';
}

const failure = !REBUILD && loads() ? null : build();
if (failure !== null) {
  console.error(`\n${failure}\n`);
  process.exitCode = 1;
}
