'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { FILE, isFresh, notices } = require('../../tools/notices');
const { chosen, textsOf } = require('../../tools/notices/licences');
const { platformManifest, platforms } = require('../../tools/platform-package');

const ROOT = path.join(__dirname, '..', '..');

describe('the third-party notices', () => {
  const lock = fs.readFileSync(path.join(ROOT, 'Cargo.lock'), 'utf8');
  const text = fs.readFileSync(FILE, 'utf8');

  it('are those of this Cargo.lock', () => {
    assert.ok(isFresh(text, lock), 'run `npm run notices`');
    const inLock = (crate) => lock.includes(`name = "${crate.split(' ')[0]}"\nversion = "${crate.split(' ')[1]}"`);
    const crates = text.split('\n').filter((line) => /^[a-z][\w-]* \d+\.\d+\.\d+\S*$/i.test(line));
    assert.ok(crates.length > 100, `${crates.length} crates`);
    assert.deepEqual(crates.filter((crate) => !inLock(crate)), []);
    const [, dependencies] = /\[dependencies\]([^]*?)\n\[[\w-]+\]/.exec(fs.readFileSync(path.join(ROOT, 'Cargo.toml'), 'utf8'));
    for (const [name] of dependencies.matchAll(/^[\w-]+(?= = )/gm)) {
      // A macro's code runs at build time only.
      if (name !== 'napi-derive') assert.ok(crates.some((crate) => crate.startsWith(`${name} `)), name);
    }
  });

  it('are stale once a crate or a version is another, but not with a version of this package', () => {
    assert.equal(isFresh(text, `${lock}\n[[package]]\nname = "left-pad"\nversion = "1.0.0"\n`), false);
    assert.equal(isFresh(text, lock.replace(/(name = "tokio"\nversion = ")/, '$19')), false);
    assert.equal(isFresh(text, lock.replace(/(name = "connect-mongodb-session"\nversion = ")/, '$19')), true);
  });

  it('are what would be written again, where the crates are at hand', function() {
    this.timeout(60000);
    const offline = { cwd: ROOT, env: { ...process.env, CARGO_NET_OFFLINE: 'true' }, stdio: 'ignore' };
    if (spawnSync('cargo', ['metadata', '--locked', '--format-version', '1'], offline).status !== 0) {
      console.log('        skipped: it takes cargo and the crates of every platform (`cargo fetch`)');
      this.skip();
    }
    assert.equal(notices(), text);
  });

  it('are in the main package and in those of all platforms', () => {
    assert.ok(require('../../package.json').files.includes('docs/THIRD-PARTY-NOTICES.txt'));
    for (const platform of platforms()) assert.ok(platformManifest(platform).files.includes('THIRD-PARTY-NOTICES.txt'), platform.name);
  });

  it('choose of several licences, and refuse one that nobody has looked at', () => {
    assert.deepEqual(chosen('MIT OR Apache-2.0'), ['Apache-2.0']);
    assert.deepEqual(chosen('Unlicense/MIT'), ['MIT']);
    assert.deepEqual(chosen('(MIT OR Apache-2.0) AND Unicode-3.0'), ['Apache-2.0', 'Unicode-3.0']);
    assert.throws(() => chosen('GPL-3.0'), /the licence GPL-3\.0 is not known/);
  });

  it('have the text of each licence, and every copyright line once', () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'notices-'));
    try {
      const crate = { name: 'some', license: 'ISC', authors: [], directory };
      assert.throws(() => textsOf(crate), /some: no text of its licence ISC/);
      fs.writeFileSync(path.join(directory, 'LICENSE'), 'Copyright 2020 Ada\n\nPermission to use, copy, modify, and/or distribute this\nCOPYRIGHT HOLDERS BE LIABLE\n');
      assert.deepEqual(textsOf(crate), [{ licence: 'ISC', notices: ['Copyright 2020 Ada'], body: 'Permission to use, copy, modify, and/or distribute this\nCOPYRIGHT HOLDERS BE LIABLE' }]);
      assert.deepEqual(textsOf({ ...crate, license: 'MIT OR Apache-2.0' }), []);
      const [unwritten] = textsOf({ ...crate, license: 'MIT', authors: ['Bob'] });
      assert.deepEqual(unwritten.notices, ['Copyright (c) Bob']);
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  });
});
