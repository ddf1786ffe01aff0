'use strict';

/**
 * The package that carries the addon of one platform. The main package names one for each as an
 * optional dependency, and npm installs the one that fits.
 */

const fs = require('fs');
const path = require('path');

const ROOT = path.join(__dirname, '..');

/** The platform of this machine, in the words of the generated loader. */
function currentPlatform() {
  const { platform, arch } = process;
  const musl = platform === 'linux' && !process.report?.getReport().header.glibcVersionRuntime;
  const abi = { linux: musl ? '-musl' : '-gnu', win32: '-msvc' }[platform] ?? '';
  return { name: `${platform}-${arch}${abi}`, os: platform, cpu: arch, libc: abiLibc(platform, musl) };
}

function abiLibc(platform, musl) {
  if (platform !== 'linux') return undefined;
  return musl ? 'musl' : 'glibc';
}

/** The file that the generated loader looks for. */
function binaryName({ name }) {
  return `connect-mongodb-session.${name}.node`;
}

/**
 * Writes the platform's package into a directory.
 *
 * @param {object} platform of {@link currentPlatform}
 * @param {string} directory is created
 * @returns {string} the package's name
 * @throws {Error} when the addon was not built
 */
function writePlatformPackage(platform, directory) {
  const main = require('../package.json');
  const binary = binaryName(platform);
  const name = `${main.name}-${platform.name}`;
  const manifest = {
    name,
    version: main.version,
    description: `The native addon of ${main.name} for ${platform.name}`,
    license: main.license,
    main: binary,
    files: [binary],
    engines: main.engines,
    os: [platform.os],
    cpu: [platform.cpu],
    ...(platform.libc && { libc: [platform.libc] })
  };
  fs.mkdirSync(directory, { recursive: true });
  fs.copyFileSync(path.join(ROOT, binary), path.join(directory, binary));
  fs.copyFileSync(path.join(ROOT, 'LICENSE'), path.join(directory, 'LICENSE'));
  fs.writeFileSync(path.join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return name;
}

module.exports = { binaryName, currentPlatform, writePlatformPackage };
