'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { brotliDecompressSync } = require('node:zlib');
const { binaryName, currentPlatform, packageName, platforms } = require('../../tools/platform-package');
const { compare, glibcFloor } = require('../../tools/release/glibc-floor');
const { publishedManifest, repository } = require('../../tools/release/main-package');
const { stage } = require('../../tools/release/stage');
const { distTag, newest, versions } = require('../../tools/release/version');

const manifest = require('../../package.json');

const ROOT = path.join(__dirname, '..', '..');
const SCRIPTS = path.join(ROOT, 'tools', 'release');

describe('a release', function() {
  this.timeout(60000);
  this.slow(5000);

  let directory;

  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'release-'));
  });

  afterEach(() => fs.rmSync(directory, { recursive: true }));

  it('has a package for eight platforms, which the loader looks for under the same names', () => {
    const loader = fs.readFileSync(path.join(ROOT, 'lib', 'native', 'addon.js'), 'utf8');
    assert.equal(platforms().length, 8);
    for (const platform of platforms()) {
      assert.equal(binaryName(platform), `connect-mongodb-session.${platform.name}.node`);
      assert.ok(loader.includes(`require('${packageName(platform)}')`), packageName(platform));
    }
  });

  it('names them all as optional dependencies, of exactly its version', () => {
    const { optionalDependencies, version } = publishedManifest();
    assert.deepEqual(Object.keys(optionalDependencies).sort(), platforms().map(packageName).sort());
    assert.deepEqual(new Set(Object.values(optionalDependencies)), new Set([version]));
  });

  it('runs nothing at installation, and depends on what the repository does', () => {
    const published = publishedManifest();
    assert.equal(published.scripts, undefined);
    assert.equal(published.devDependencies, undefined);
    for (const key of ['name', 'version', 'dependencies', 'exports', 'engines', 'license']) {
      assert.deepEqual(published[key], manifest[key], key);
    }
  });

  it('names the repository of the workflow, which provenance asks for', () => {
    assert.deepEqual(repository({ GITHUB_SERVER_URL: 'https://example.com', GITHUB_REPOSITORY: 'a/b' }).repository.url, 'git+https://example.com/a/b.git');
    assert.deepEqual(repository({}), {});
  });

  it('is staged from the addons of all platforms', async () => {
    const binaries = path.join(directory, 'binaries', 'some', 'where');
    const out = path.join(directory, 'out');
    fs.mkdirSync(binaries, { recursive: true });
    for (const platform of platforms()) fs.writeFileSync(path.join(binaries, binaryName(platform)), platform.name);
    await stage(path.join(directory, 'binaries'), out);

    assert.deepEqual(fs.readdirSync(out).sort(), ['main', ...platforms().map(({ name }) => name)].sort());
    assert.deepEqual(require(path.join(out, 'main', 'package.json')).optionalDependencies, publishedManifest().optionalDependencies);
    const musl = require(path.join(out, 'linux-arm64-musl', 'package.json'));
    assert.deepEqual([musl.os, musl.cpu, musl.libc], [['linux'], ['arm64'], ['musl']]);
    assert.deepEqual([musl.name, musl.version], [`${manifest.name}-linux-arm64-musl`, manifest.version]);
    assert.equal(fs.readFileSync(path.join(out, 'linux-arm64-musl', musl.main), 'utf8'), 'linux-arm64-musl');
    const windows = require(path.join(out, 'win32-x64-msvc', 'package.json'));
    assert.deepEqual([windows.os, windows.cpu, windows.libc], [['win32'], ['x64'], undefined]);
    const { sha256, brotli } = require(path.join(out, 'linux-arm64-musl', 'as-text.js'));
    assert.equal(brotliDecompressSync(Buffer.from(brotli, 'base64')).toString(), 'linux-arm64-musl');
    assert.equal(sha256, createHash('sha256').update('linux-arm64-musl').digest('hex'));
    assert.deepEqual(musl.exports['.'].default, `./${musl.main}`);
    assert.deepEqual(Object.keys(musl.exports['.']), ['node-addons', 'webpack', 'module', 'default']);
  });

  it('is not staged while an addon is missing', async () => {
    fs.mkdirSync(path.join(directory, 'none'));
    await assert.rejects(stage(path.join(directory, 'none'), directory), /no addon was built for: .*linux-x64-gnu\.node, .*win32-arm64-msvc\.node/);
  });

  it('is built for known targets only', () => {
    const { status, stderr } = spawnSync(process.execPath, [path.join(SCRIPTS, 'build.js'), 'riscv', directory], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /riscv is no target; there are: x86_64-unknown-linux-gnu, /);
  });

  describe('its version', () => {
    it('is the newest in the changelog, and the same everywhere', () => {
      const { version } = newest(fs.readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8'));
      assert.deepEqual(new Set(Object.values(versions())), new Set([version]));
      assert.equal(spawnSync(process.execPath, [path.join(SCRIPTS, 'version.js')]).status, 0);
    });

    it('comes with its notes', () => {
      const { version, date, notes } = newest('# Changelog\n\nText.\n\n## [6.1.0] - 2030-01-31\n\n### Added\n\n- A.\n\n## [6.0.0] - 2029-01-31\n\n- B.\n');
      assert.deepEqual([version, date, notes], ['6.1.0', '2030-01-31', '### Added\n\n- A.']);
    });

    it('has no date before it is released, and is not released without one', () => {
      assert.equal(newest('# Changelog\n\n## [6.0.0-alpha.1] - unreleased\n\n- A.\n').date, null);
      assert.throws(() => newest('# Changelog\n\n## 6.0.0\n'), /the first heading of CHANGELOG\.md must be/);
      assert.throws(() => newest('# Changelog\n'), /the first heading/);
    });

    it('decides the dist-tag', () => {
      assert.deepEqual(['6.0.0', '6.0.0-alpha.1', '6.1.0-rc.2'].map(distTag), ['latest', 'alpha', 'rc']);
    });
  });

  describe('the glibc that an addon needs', () => {
    it('is compared by numbers', () => {
      assert.deepEqual(['2.4', '2.17', '2.2.5', '2.28', '2.3'].sort(compare), ['2.2.5', '2.3', '2.4', '2.17', '2.28']);
    });

    it('is read from the addon, and can be limited', function() {
      const addon = path.join(ROOT, binaryName(currentPlatform()));
      if (currentPlatform().libc !== 'glibc' || spawnSync('objdump', ['--version']).error) {
        console.log('        skipped: it takes Linux with glibc and `objdump`');
        this.skip();
      }
      const { version, symbols } = glibcFloor(addon);
      assert.match(version, /^2\.\d+$/);
      assert.ok(symbols.length > 0);
      const limited = (maximum) => spawnSync(process.execPath, [path.join(SCRIPTS, 'glibc-floor.js'), addon, maximum], { encoding: 'utf8' });
      assert.equal(limited(version).status, 0);
      const { status, stderr } = limited('2.3');
      assert.equal(status, 1);
      assert.match(stderr, /more than the 2\.3 that is allowed/);
    });
  });
});
