'use strict';

/**
 * The packages that carry the addon, one for each platform. The main package names them all as optional
 * dependencies, and package managers install the one that fits.
 */

const { createHash } = require('crypto');
const fs = require('fs');
const path = require('path');
const { brotliCompressSync, constants } = require('zlib');

const ROOT = path.join(__dirname, '..');
const NOTICES = 'docs/THIRD-PARTY-NOTICES.txt';
const CPU = { x86_64: 'x64', aarch64: 'arm64' };

/**
 * @typedef {object} Platform
 * @property {string} name in the words of the loader, such as `linux-x64-gnu`
 * @property {string} os of `process.platform`
 * @property {string} cpu of `process.arch`
 * @property {'glibc'|'musl'} [libc] on Linux
 */

/** @returns {Platform} of this machine */
function currentPlatform() {
  const { platform, arch } = process;
  const musl = platform === 'linux' && !process.report?.getReport().header.glibcVersionRuntime;
  return describe(platform, arch, { linux: musl ? 'musl' : 'gnu', win32: 'msvc' }[platform]);
}

/** @returns {Platform[]} those that binaries are published for: `napi.targets` of the manifest */
function platforms() {
  return require('../package.json').napi.targets.map((target) => {
    const [cpu, , os, abi] = target.split('-');
    return { target, ...describe({ windows: 'win32' }[os] ?? os, CPU[cpu], abi) };
  });
}

function describe(os, cpu, abi) {
  const libc = { gnu: 'glibc', musl: 'musl' }[abi];
  return { name: [os, cpu, abi].filter(Boolean).join('-'), os, cpu, ...(os === 'linux' && { libc }) };
}

/** The file that the loader (`lib/native/addon.js`) looks for. */
function binaryName({ name }) {
  return `connect-mongodb-session.${name}.node`;
}

/** @param {Platform} platform @returns {string} the name of the package that carries its addon */
function packageName({ name }) {
  return `${require('../package.json').name}-${name}`;
}

/**
 * What tools take instead of the addon, by the condition that they set. Node.js, and what traces or copies the files of
 * an application, take the addon itself.
 *
 * - `webpack`: an asset, which webpack copies without any configuration.
 * - `module`, of esbuild, rollup and what is made of them, which take JavaScript only: the addon as text.
 */
const STAND_INS = { webpack: './for-webpack.mjs', module: './as-text.js' };

function writeStandIns(binary, directory, quality) {
  const addon = fs.readFileSync(path.join(directory, binary));
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: 24 };
  const text = { sha256: createHash('sha256').update(addon).digest('hex'), brotli: brotliCompressSync(addon, { params }).toString('base64') };
  // The `!` keeps the rules of a webpack configuration from loading the file in their way: it is to be copied as it is.
  fs.writeFileSync(path.join(directory, STAND_INS.webpack), `export default new URL('!./${binary}', import.meta.url);\n`);
  fs.writeFileSync(path.join(directory, STAND_INS.module), `'use strict';

// ${binary} of this package as text, for bundlers that take JavaScript only. Node.js does not load this file.
module.exports = ${JSON.stringify(text, null, 2).replaceAll('"', "'")};
`);
}

/** @param {Platform} platform @returns {object} what stands in its package.json */
function platformManifest(platform) {
  const { name, version, license, engines, repository } = require('../package.json');
  const binary = binaryName(platform);
  return {
    name: packageName(platform),
    version,
    description: `The native addon of ${name} for ${platform.name}`,
    license,
    ...(repository && { repository }),
    main: binary,
    exports: { '.': { 'node-addons': `./${binary}`, ...STAND_INS, default: `./${binary}` }, './package.json': './package.json' },
    files: [binary, ...Object.values(STAND_INS).map((file) => file.slice(2)), path.basename(NOTICES)],
    engines,
    os: [platform.os],
    cpu: [platform.cpu],
    ...(platform.libc && { libc: [platform.libc] })
  };
}

/**
 * Writes the platform's package into a directory.
 *
 * @param {Platform} platform
 * @param {string} directory is created
 * @param {string} [binary] path of the addon; by default the one that was built here
 * @param {number} [quality] of the compressed text, up to 11, which takes a minute; default 9
 * @returns {string} the package's name
 * @throws {Error} when there is no such file
 */
function writePlatformPackage(platform, directory, binary = path.join(ROOT, binaryName(platform)), quality = 9) {
  const manifest = platformManifest(platform);
  fs.mkdirSync(directory, { recursive: true });
  fs.copyFileSync(binary, path.join(directory, manifest.main));
  writeStandIns(manifest.main, directory, quality);
  for (const name of ['LICENSE', NOTICES]) fs.copyFileSync(path.join(ROOT, name), path.join(directory, path.basename(name)));
  fs.writeFileSync(path.join(directory, 'README.md'), `# ${manifest.name}\n\n${manifest.description}.\n`);
  fs.writeFileSync(path.join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest.name;
}

module.exports = { binaryName, currentPlatform, packageName, platformManifest, platforms, writePlatformPackage };
