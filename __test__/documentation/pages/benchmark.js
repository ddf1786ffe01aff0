'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { Page, ROOT } = require('../../support/markdown');

const manifest = require('../../../package.json');

describe('tools/benchmark/README', () => {
  it('its commands are there; __test__/repository/benchmark runs what they run', () => {
    const page = new Page('tools/benchmark/README.md');
    assert.deepEqual(page.commands('--help'), ['npm run bench', 'npm run bench -- --help']);
    assert.equal(manifest.scripts.bench, 'node tools/benchmark');
    assert.match(execFileSync(process.execPath, [path.join(ROOT, 'tools', 'benchmark'), '--help'], { encoding: 'utf8' }), /--contestants/);
  });
});
