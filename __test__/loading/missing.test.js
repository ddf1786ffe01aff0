'use strict';

/** What is said when the addon does not load: in an application that has the package, in one way or another. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { binaryName, currentPlatform, platforms, writePlatformPackage } = require('../../tools/platform-package');
const { PUBLISHED } = require('../../lib/native/missing');

const ROOT = path.join(__dirname, '..', '..');
const NAME = 'connect-mongodb-session';
const LOAD = `require('${NAME}')`;
const { name, os: system, cpu, libc } = currentPlatform();
/** Nobody here reads the addon as text, which takes three seconds to compress as a release's is. */
const QUICKLY = 1;

describe('an addon that does not load', function() {
  this.timeout(60000);
  this.slow(10000);

  let app;
  let modules;

  beforeEach(() => {
    app = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'missing-test-')));
    modules = path.join(app, 'node_modules');
    for (const file of ['package.json', 'index.js', 'lib']) {
      fs.cpSync(path.join(ROOT, file), path.join(modules, NAME, file), { recursive: true });
    }
    fs.cpSync(path.join(ROOT, 'node_modules', 'bson'), path.join(modules, 'bson'), { recursive: true });
  });

  afterEach(() => fs.rmSync(app, { recursive: true }));

  function installPlatform() {
    writePlatformPackage(currentPlatform(), path.join(modules, `${NAME}-${name}`), undefined, QUICKLY);
  }

  /** @returns {string} what Node prints of the error that nobody catches */
  function failure(args = [], before = '') {
    const env = { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: '', NODE_OPTIONS: '' };
    const { status, stderr } = spawnSync(process.execPath, [...args, '-e', before + LOAD], { cwd: app, env, encoding: 'utf8' });
    assert.equal(status, 1, stderr);
    return stderr;
  }

  it('names the package that is missing first, and the command that gets it', () => {
    const command = `npm install --os=${system} --cpu=${cpu}${libc ? ` --libc=${libc}` : ''}`;
    const [first, ...rest] = /^Error: ([^]*?)\n {4}at /m.exec(failure())[1].split('\n');
    assert.match(first, new RegExp(`^The package ${NAME}-${name} is not installed: .* Get it with: ${command}$`));
    for (const place of ['AWS Lambda', 'Docker', 'Alpine', 'bundles', '--omit=optional']) {
      assert.ok(rest.some((line) => line.startsWith('- ') && line.includes(place)), place);
    }
  });

  it('has one cause, which lists what was tried and blames nobody', () => {
    const text = failure();
    assert.equal(text.match(/\[?cause\]?: /g).length, 1);
    assert.match(text, new RegExp(`\\[cause\\]: Error: .*Cannot find module '${NAME}-${name}'`));
    assert.doesNotMatch(text, /npm has a bug|wasm32/);
  });

  it('names the packages of other platforms that are installed in its place', () => {
    const other = platforms().find((each) => each.name !== name);
    writePlatformPackage(other, path.join(modules, `${NAME}-${other.name}`), __filename);
    assert.match(failure(), new RegExp(`Installed are those of other platforms: ${NAME}-${other.name}\\.`));
  });

  it('of which there is none is one to build', () => {
    const text = failure([], 'Object.defineProperty(process, "arch", { value: "riscv64" });');
    assert.match(text, new RegExp(`no native addon for ${system} riscv64.*, and none is published\\. Install Rust .* \`node \\S+install\\.js\` to build one`));
  });

  it('is there, but is none: the system\'s own words', () => {
    installPlatform();
    const file = path.join(modules, `${NAME}-${name}`, binaryName(currentPlatform()));
    fs.writeFileSync(file, 'not an addon');
    assert.match(failure(), new RegExp(`The native addon of ${NAME} for ${system} .* does not load: .*\\. Get it anew`));
  });

  it('because no addon may: --no-addons', () => {
    installPlatform();
    const text = failure(['--no-addons']);
    assert.match(text, /may not load any \(ERR_DLOPEN_DISABLED\)\. Start Node\.js without --no-addons .*--allow-addons/);
    assert.doesNotMatch(text, /npm install/);
  });

  describe('under the permission model', () => {
    const flag = ['--permission', '--experimental-permission'].find((each) => process.allowedNodeEnvironmentFlags.has(each));

    before(function() {
      if (flag === undefined) this.skip();
    });

    it('asks for --allow-addons', () => {
      installPlatform();
      const text = failure([flag, '--allow-fs-read=*']);
      assert.match(text, /ERR_DLOPEN_DISABLED\)\. Start Node\.js, besides --permission, with --allow-addons/);
      assert.doesNotMatch(text, /npm install/);
    });

    it('asks for the right to read it, where Node.js needs that', function asks() {
      installPlatform();
      const readable = [path.join(modules, NAME), path.join(modules, 'bson')].map((folder) => `--allow-fs-read=${path.join(folder, '*')}`);
      // Some versions find a package by its `exports` without reading what they may not read: nothing fails then.
      const loads = spawnSync(process.execPath, [flag, '--allow-addons', ...readable, '-e', LOAD], { cwd: app, env: { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: '' } });
      if (loads.status === 0) this.skip();
      const text = failure([flag, '--allow-addons', ...readable]);
      assert.ok(text.includes(`with --allow-addons and --allow-fs-read=${path.join(modules, '*')}`), text);
      assert.doesNotMatch(text, /npm install/);
    });

    it('loads with both', () => {
      installPlatform();
      const args = [flag, '--allow-addons', `--allow-fs-read=${path.join(app, '*')}`, '-e', LOAD];
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: app, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });
  });

  it('knows the platforms that are published', () => {
    assert.deepEqual([...PUBLISHED].sort(), platforms().map((each) => each.name).sort());
  });
});
