'use strict';

/** Which file is loaded, of those that docs/platforms.md names, in its order. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { binaryName, currentPlatform, writePlatformPackage } = require('../../tools/platform-package');

const ROOT = path.join(__dirname, '..', '..');
const ADDON = path.join(ROOT, binaryName(currentPlatform()));
/** Nobody here reads the addon as text, which takes three seconds to compress as a release's is. */
const QUICKLY = 1;
const WHICH = `
try {
  require('connect-mongodb-session');
  console.log(Object.keys(require.cache).filter((file) => file.endsWith('.node')).join());
} catch (error) {
  const causes = [];
  for (let cause = error.cause; cause; cause = cause.cause) causes.push(cause.message);
  console.log(JSON.stringify({ message: error.message, causes }));
}`;

describe('the addon that is loaded', function() {
  this.timeout(60000);
  this.slow(10000);

  let app;
  let places;

  beforeEach(() => {
    app = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'binary-test-')));
    const modules = path.join(app, 'node_modules');
    const main = path.join(modules, 'connect-mongodb-session');
    for (const name of ['package.json', 'index.js', 'lib', 'tools/install.js']) {
      fs.cpSync(path.join(ROOT, name), path.join(main, name), { recursive: true });
    }
    const named = path.join(modules, `connect-mongodb-session-${currentPlatform().name}`);
    writePlatformPackage(currentPlatform(), named, ADDON, QUICKLY);
    places = {
      own: path.join(main, binaryName(currentPlatform())),
      named: path.join(named, binaryName(currentPlatform())),
      variable: path.join(app, 'by-hand.node')
    };
    fs.copyFileSync(ADDON, places.own);
    fs.copyFileSync(ADDON, places.variable);
  });

  afterEach(() => fs.rmSync(app, { recursive: true }));

  function loaded(variable, cwd = app) {
    // An empty variable is none.
    const env = { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: variable ?? '' };
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', WHICH], { cwd, env, encoding: 'utf8' });
    assert.equal(stderr, '');
    return stdout.trim();
  }

  it('is the one that NAPI_RS_NATIVE_LIBRARY_PATH names, before all others', () => {
    assert.equal(loaded(places.variable), places.variable);
  });

  it('is no other one where that variable names none', () => {
    const { message, causes } = JSON.parse(loaded(path.join(app, 'nowhere.node')));
    assert.match(message, /that NAPI_RS_NATIVE_LIBRARY_PATH names does not load: .*nowhere\.node/);
    assert.match(causes.join('\n'), /nowhere\.node/);
  });

  it('is the one in the package itself, from a build on this machine, before that of the platform\'s package', () => {
    assert.equal(loaded(), places.own);
  });

  it('is that of the platform\'s package', () => {
    fs.rmSync(places.own);
    assert.equal(loaded(), places.named);
  });

  it('is that of the platform\'s package too where the one in the package does not load', () => {
    fs.writeFileSync(places.own, 'for another platform');
    assert.equal(loaded(), places.named);
  });

  it('is that of a platform\'s package within this one, before that of one beside it', () => {
    fs.rmSync(places.own);
    const within = path.join(path.dirname(places.own), 'node_modules', path.basename(path.dirname(places.named)));
    fs.cpSync(path.dirname(places.named), within, { recursive: true });
    assert.equal(loaded(), path.join(within, path.basename(places.named)));
  });

  it('is that of the platform\'s package too where it is in another directory of modules, further up', () => {
    fs.rmSync(places.own);
    const inner = path.join(app, 'packages', 'shop');
    fs.mkdirSync(path.join(inner, 'node_modules'), { recursive: true });
    fs.renameSync(path.dirname(places.own), path.join(inner, 'node_modules', 'connect-mongodb-session'));
    assert.equal(loaded('', inner), places.named);
  });

  it('is missed with an error that names the package, with all that was tried as its one cause', () => {
    fs.rmSync(places.own);
    fs.rmSync(path.dirname(places.named), { recursive: true });
    const { message, causes } = JSON.parse(loaded());
    assert.match(message, new RegExp(`^The package connect-mongodb-session-${currentPlatform().name} is not installed`));
    assert.equal(causes.length, 1);
    const tried = causes.join('\n');
    assert.ok(tried.includes(`./${binaryName(currentPlatform())}`), tried);
    assert.ok(tried.includes(`connect-mongodb-session-${currentPlatform().name}`), tried);
  });
});
