'use strict';

/** What a bundler may put in the place of the addon; `npm run test:package` has the bundlers themselves. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { brotliCompressSync, constants } = require('node:zlib');
const { addonOf } = require('../../lib/native/bundled-addon');
const { binaryName, currentPlatform } = require('../../tools/platform-package');

const ROOT = path.join(__dirname, '..', '..');
const ADDON = path.join(ROOT, binaryName(currentPlatform()));
const MODULE = JSON.stringify(path.join(ROOT, 'lib', 'native', 'bundled-addon'));

describe('in the place of the addon, a bundler may put', function() {
  this.timeout(60_000);

  let directory;

  beforeEach(() => {
    directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bundled-')));
  });

  afterEach(() => fs.rmSync(directory, { recursive: true }));

  const isAddon = (value) => assert.equal(typeof value.Realm, 'function');

  it('the addon, or an ES module with it', () => {
    const addon = require(ADDON);
    assert.equal(addonOf(addon, []), addon);
    assert.equal(addonOf({ default: addon }, []), addon);
  });

  it('its path: absolute, relative to the bundle, or below the public path of the web', () => {
    fs.copyFileSync(ADDON, path.join(directory, 'hash.node'));
    for (const given of [path.join(directory, 'hash.node'), './hash.node', '/hash.node', { default: 'hash.node' }]) isAddon(addonOf(given, [undefined, directory]));
  });

  it('its URL', () => {
    isAddon(addonOf(pathToFileURL(ADDON), []));
    isAddon(addonOf({ default: pathToFileURL(ADDON).href }, []));
  });

  it('something else, which is an error that says so', () => {
    assert.throws(() => addonOf('./nowhere.node', [directory]), /the bundler .* has put \.\/nowhere\.node in the place of the native addon, and there is no such file/);
    assert.throws(() => addonOf({}, []), /the bundler .* has put an object with the keys \[\] in the place/);
    assert.throws(() => addonOf(undefined, []), /has put undefined/);
    fs.writeFileSync(path.join(directory, 'other.js'), '');
    assert.throws(() => addonOf(path.join(directory, 'other.js'), []), /other\.js is not the native addon/);
  });

  /** In a process with temporary files of its own. */
  function load(expression, temporary = directory) {
    const source = `const { addonOf } = require(${MODULE});
      const { sha256, brotli } = ${JSON.stringify(text())};
      const addon = require('fs').readFileSync(${JSON.stringify(ADDON)});
      try { console.log(typeof addonOf(${expression}, []).Realm); } catch (error) { console.log(error.message); }`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-'], { input: source, env: { ...process.env, TMPDIR: temporary, TEMP: temporary }, encoding: 'utf8' });
    return stdout.trim() || stderr;
  }

  let packed;
  function text() {
    const addon = fs.readFileSync(ADDON);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 1 };
    return (packed ??= { sha256: createHash('sha256').update(addon).digest('hex'), brotli: brotliCompressSync(addon, { params }).toString('base64') });
  }

  const written = () => fs.readdirSync(directory).flatMap((name) => fs.readdirSync(path.join(directory, name)).map((file) => path.join(directory, name, file)));

  for (const [what, expression] of Object.entries({
    'its bytes': 'addon',
    'its bytes in a data: URL': '"data:application/octet-stream;base64," + addon.toString("base64")',
    'its text': '{ sha256, brotli }'
  })) {
    it(`${what}, of which one file is made, that is found again and mended`, () => {
      assert.equal(load(expression), 'function');
      assert.equal(load(expression), 'function');
      assert.deepEqual(written().map((file) => path.basename(file)), [`${text().sha256}.node`]);
      fs.writeFileSync(written()[0], 'not the addon');
      assert.equal(load(expression), 'function');
    });
  }

  it('bytes, of which no file is made where others could write', function() {
    if (process.platform === 'win32') this.skip();
    fs.mkdirSync(path.join(directory, `connect-mongodb-session-${process.getuid()}`));
    fs.chmodSync(path.join(directory, `connect-mongodb-session-${process.getuid()}`), 0o777);
    assert.equal(load('addon'), 'function');
    assert.equal(fs.readdirSync(path.join(directory, `connect-mongodb-session-${process.getuid()}`)).length, 0);
  });

  it('bytes, which cannot become a file: the error says what to do', () => {
    const message = load('addon', path.join(directory, 'nowhere'));
    assert.match(message, /could not be loaded as .*: ENOENT.*Point TMPDIR to a directory .*, or keep connect-mongodb-session out of the bundle/);
  });
});
