'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const NEEDED = ['package.json', 'Cargo.toml', 'tools/install.js', 'tools/platform-package.js'];

/** A copy of the package without its addon. */
function bareCopy() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'install-test-'));
  fs.mkdirSync(path.join(directory, 'tools'));
  for (const file of NEEDED) fs.copyFileSync(path.join(ROOT, file), path.join(directory, file));
  return directory;
}

function install(directory, pathVariable) {
  const env = { ...process.env, PATH: pathVariable };
  return spawnSync(process.execPath, ['tools/install.js'], { cwd: directory, env, encoding: 'utf8' });
}

describe('npm install', () => {
  it('does nothing where the addon is there', () => {
    const { status, stdout, stderr } = install(ROOT, '');
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });

  it('without an addon and without Rust fails and says what to install', () => {
    const directory = bareCopy();
    try {
      const { status, stderr } = install(directory, '');
      assert.equal(status, 1);
      assert.match(stderr, /no prebuilt addon for \w+ \w+, and Rust is not installed/);
      assert.match(stderr, /Install Rust 1\.\d+ or newer and a C compiler \(https:\/\/rustup\.rs/);
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  });

  it('says so when the compiler fails', function () {
    if (process.platform === 'win32') this.skip();
    const directory = bareCopy();
    try {
      const tools = path.join(directory, 'bin');
      fs.mkdirSync(tools);
      fs.writeFileSync(path.join(tools, 'cargo'), '#!/bin/sh\n[ "$1" = --version ] && echo cargo 1.0.0 || exit 101\n', { mode: 0o755 });
      const { status, stderr } = install(directory, `${tools}:/bin:/usr/bin`);
      assert.equal(status, 1);
      assert.match(stderr, /could not be built.*\n.*Rust 1\.\d+ or newer \(here: cargo 1\.0\.0\)/);
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  });
});
