'use strict';

/** Runs the command of docs/authentication.md with a compiler that has compiled already. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Page, ROOT } = require('../../support/markdown');

const page = new Page('docs/authentication.md');
const NEEDED = ['package.json', 'Cargo.toml', 'binding.js', 'scripts/install.js', 'scripts/platform-package.js'];

describe('docs/authentication.md', () => {
  it('how to build an addon with MONGODB-AWS', function build() {
    if (process.platform !== 'linux') this.skip();
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'features-'));
    try {
      const home = path.join(directory, 'node_modules', 'connect-mongodb-session');
      fs.mkdirSync(path.join(home, 'scripts'), { recursive: true });
      for (const file of NEEDED) fs.copyFileSync(path.join(ROOT, file), path.join(home, file));
      const [addon] = fs.readdirSync(ROOT).filter((name) => name.endsWith('.node'));
      // The prebuilt one, which must not keep the installer from building.
      fs.copyFileSync(path.join(ROOT, addon), path.join(home, addon));
      const output = path.join(directory, 'target', 'release', 'libconnect_mongodb_session.so');
      fs.mkdirSync(path.dirname(output), { recursive: true });
      fs.copyFileSync(path.join(ROOT, addon), output);
      const asked = path.join(directory, 'asked');
      fs.writeFileSync(path.join(directory, 'cargo'), `#!/bin/sh\necho "$@" >> ${asked}\n`, { mode: 0o755 });
      const env = { ...process.env, CARGO_TARGET_DIR: path.join(directory, 'target'), PATH: `${directory}:${process.env.PATH}` };
      const [command] = page.commands('install.js');
      const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: directory, env, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.match(fs.readFileSync(asked, 'utf8'), /^rustc --release --lib --crate-type cdylib --locked --features aws-auth$/m);
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  });
});
