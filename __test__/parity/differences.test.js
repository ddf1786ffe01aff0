'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { asMarkdown, differences } = require('./differences');
const { ROOT } = require('../support/impl');

const TESTS = path.join(__dirname, '..');

function testSources() {
  return fs.readdirSync(TESTS, { recursive: true })
    .filter(name => name.endsWith('.test.js'))
    .map(name => fs.readFileSync(path.join(TESTS, name), 'utf8'));
}

describe('the list of differences', () => {
  it('names each difference once', () => {
    const ids = differences.map(entry => entry.id);
    assert.deepEqual(ids, [...new Set(ids)]);
  });

  it('says what the original does and what we do', () => {
    for (const entry of differences) {
      assert.ok(entry.original && entry.ours && entry.original !== entry.ours, entry.id);
    }
  });

  it('is the table of docs/differences.md', () => {
    const page = fs.readFileSync(path.join(ROOT, 'docs', 'differences.md'), 'utf8');
    assert.ok(page.includes(asMarkdown()), 'the table is not what asMarkdown() of differences.js gives');
  });

  const sources = testSources();
  for (const { id } of differences) {
    it(`has a test of ${id}`, () => {
      assert.ok(sources.some(source => source.includes(`difference('${id}', {`)));
    });
  }
});
