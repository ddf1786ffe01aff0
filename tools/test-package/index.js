#!/usr/bin/env node
'use strict';

/**
 * What a user gets: packs the packages as they are published, installs them in empty applications with npm, pnpm and
 * yarn, with neither Rust nor a compiler on PATH, and runs the README's quick start on a real MongoDB.
 *
 *     node tools/test-package [--save] [--only=WAY] [ADDON]
 *
 * ADDON is the file to publish for this platform; without it, the one that was built here. With --save, what
 * installing and loading costs is measured and kept, for docs/performance.md; with --only, the ways whose titles have WAY.
 */

const assert = require('assert/strict');
const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { withMongod } = require('../mongod');
const { binaryName, currentPlatform, packageName, platforms, writePlatformPackage } = require('../platform-package');
const { glibcFloor } = require('../release/glibc-floor');
const { writeMainPackage } = require('../release/main-package');
const { SMALLEST } = require('../release/stage');
const apps = require('./apps');
const { withBundlers, withNext } = require('./bundlers');
const { checkMain, checkPlatform } = require('./content');
const { measure } = require('./figures');
const { Managers } = require('./managers');
const { startRegistry } = require('./registry');

const RESULTS = path.join(__dirname, '..', 'benchmark', 'results', 'package.json');

/** The original, whose name this package has. */
const ORIGINAL = '5.0.0';

const ROOT = path.join(__dirname, '..', '..');

/** Packs a directory; the manifest, the files and the tarball. */
function pack(directory, into) {
  const said = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', into], {
    cwd: directory,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore']
  });
  const [packed] = Object.values(JSON.parse(said));
  const manifest = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'));
  return { ...packed, manifest, tarball: path.join(into, packed.filename) };
}

/**
 * The packages of all platforms: a real addon for this one, for the others a file that nobody should load.
 *
 * @param {number} [level] of the compression of what bundles carry; what is kept of sizes is that of a release
 */
function packPlatforms(work, own, addon, level) {
  const elsewhere = path.join(work, 'elsewhere.node');
  fs.writeFileSync(elsewhere, 'for another platform');
  return platforms().map((platform) => {
    const directory = path.join(work, platform.name);
    writePlatformPackage(platform, directory, platform.name === own.name ? addon : elsewhere, level);
    return pack(directory, work);
  });
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

function reportContent(main, platform, addon, own) {
  for (const file of main.files) console.log(`  ${String(file.size).padStart(8)}  ${file.path}`);
  console.log(`main package: ${main.files.length} files, ${megabytes(main.size)} packed, ${megabytes(main.unpackedSize)} unpacked`);
  console.log(`platform package: ${megabytes(platform.size)} packed, ${megabytes(platform.unpackedSize)} unpacked`);
  if (own.libc !== 'glibc') return;
  try {
    console.log(`the addon needs glibc ${glibcFloor(addon).version} or newer`);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    console.log('the glibc that the addon needs was not looked at: there is no `objdump`');
  }
}

async function test(work, addon, { save, only }) {
  const own = platforms().find(({ name }) => name === currentPlatform().name);
  assert.ok(own, `no binary is published for ${currentPlatform().name}`);
  await writeMainPackage(path.join(work, 'main'));
  const main = pack(path.join(work, 'main'), work);
  checkMain(main);
  const all = packPlatforms(work, own, addon, save ? SMALLEST : undefined);
  const platform = all.find(({ name }) => name === packageName(own));
  checkPlatform(platform, binaryName(own));
  reportContent(main, platform, addon, own);

  const registry = await startRegistry([main, ...all], { [main.manifest.name]: ORIGINAL });
  try {
    const managers = new Managers(work, registry.url);
    await managers.prepare();
    const { name } = main.manifest;
    await withMongod({ keepsExpired: true }, async ({ uri }) => {
      if (save) return keep(await measure(managers, `${name}@alpha`), platform, addon);
      await installs(managers, registry, { name: `${name}@alpha`, tarball: main.tarball, own: packageName(own), uri, only });
    });
  } finally {
    await registry.close();
  }
}

/** Keeps what was measured. */
function keep(figures, platform, addon) {
  const { size: addonBytes } = fs.statSync(addon);
  const machine = `${os.cpus()[0].model.replace(/ \d+-Core.*/, '')}, ${process.platform} ${process.arch}`;
  const kept = { takenAt: new Date().toISOString(), node: process.versions.node, machine, addonBytes, downloadBytes: platform.size, ...figures };
  fs.writeFileSync(RESULTS, `${JSON.stringify(kept, null, 2)}\n`);
  console.log(JSON.stringify(kept, null, 2));
}

/** Installs in every way, one after the other. */
async function installs(managers, registry, given) {
  const ways = {
    npm: apps.withNpm,
    'npm, under another name and beside the original': apps.asAlias,
    'npm, without the binary (says what to do)': apps.withoutBinary,
    pnpm: apps.withPnpm,
    'yarn 1': apps.withClassicYarn,
    'yarn 4': apps.withYarn,
    "yarn 4, Plug'n'Play": apps.withPlugAndPlay,
    'npm, pnpm and yarn 4, for other platforms': apps.forOtherPlatforms,
    'the parity, express and original suites': apps.withSuites,
    'built from source, from the package': apps.fromSource,
    'applications that are bundled': withBundlers,
    'Next.js, standalone': withNext
  };
  for (const [title, way] of Object.entries(ways).filter(([each]) => each.includes(given.only))) {
    const started = Date.now();
    const note = await way(managers, given);
    console.log(`ok: ${title}${note ? `, ${note}` : ''} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (way === apps.withNpm) {
      assert.deepEqual(registry.fetched.filter((name) => name !== 'connect-mongodb-session'), [given.own], 'one binary is fetched');
    }
  }
}

async function start(args) {
  const [addon = path.join(ROOT, binaryName(currentPlatform()))] = args.filter((arg) => !arg.startsWith('--'));
  const [only = ''] = args.filter((arg) => arg.startsWith('--only=')).map((arg) => arg.slice('--only='.length));
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'package-test-'));
  try {
    await test(work, path.resolve(addon), { save: args.includes('--save'), only });
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

start(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
