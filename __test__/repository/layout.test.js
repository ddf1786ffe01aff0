'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
/** So many fit into the first screen of whoever opens the repository. */
const MOST = 24;

/** @returns {string[]} every file of the repository; none where this is not a clone */
function tracked() {
  try {
    return execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\0').filter(Boolean);
  } catch {
    return [];
  }
}

describe('the repository', () => {
  it(`has at most ${MOST} entries at the top`, function top() {
    const entries = [...new Set(tracked().map((file) => file.split('/')[0]))];
    if (entries.length === 0) this.skip();
    assert.ok(entries.length <= MOST, `${entries.length}: ${entries.join(' ')}`);
  });
});
