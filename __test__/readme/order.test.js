'use strict';

/** What the README promises of itself: its order, and that its table of options is the one of the types. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');

const ORDER = [
  'Install', 'Swap', 'Options', 'Errors', 'Events', 'Beyond the original', 'Differences from the original', 'Migration',
  'Performance', 'Reliability', 'Development'
];

/** @returns {Map<string, {type: string, fallback: string}>} the rows of the README's table of options */
function documented() {
  const section = read('README.md').split(/^## /m).find((text) => text.startsWith('Options\n'));
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(rows.flatMap((row) => {
    const [, names, type, fallback] = row.split(/ ?\| ?/);
    return [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, { type, fallback }]);
  }));
}

/** @returns {Map<string, {type: string, fallback?: string}>} the options in the types */
function declared() {
  const [body] = /interface MongoDBSessionOptions \{[\s\S]*?\n {2}\}/.exec(read('index.d.ts'));
  const members = body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+(\w+)\?: (.*);/g);
  return new Map([...members].map(([, comment, name, type]) => {
    const fallback = /@defaultValue (.*)/.exec(comment)?.[1];
    return [name, { type, fallback }];
  }));
}

/** A default without quotes and explanations. */
const bare = (text) => text.replace(/^`'?([^'`]*)'?`.*/, '$1').replace(/^none\b.*/, 'none');

describe('the README', () => {
  it('says what the package is in five lines', () => {
    const [, introduction] = read('README.md').split(/\n\n/);
    assert.ok(introduction.split('\n').length <= 5, introduction);
    assert.match(introduction, /drop-in replacement/);
  });

  it('is in the order in which it is read', () => {
    const headings = [...read('README.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings.filter((heading) => ORDER.includes(heading)), ORDER);
  });

  it('has every option in its table, and no other', () => {
    assert.deepEqual([...documented().keys()].sort(), [...declared().keys()].sort());
    assert.ok(documented().size > 15);
  });

  it('has a unit for every number', () => {
    const types = declared();
    for (const [name, { type }] of documented()) {
      if (/^number\b/.test(types.get(name).type)) assert.match(type, /^number, (ms|s|min)$/, name);
    }
  });

  it('has the defaults of the types', () => {
    const types = declared();
    for (const [name, { fallback }] of documented()) {
      const typed = types.get(name).fallback;
      if (name === 'databaseName') assert.match(fallback, /the URI's, else `test`/);
      else if (typed === undefined) assert.equal(fallback, 'none', name);
      else assert.equal(bare(fallback), bare(typed), name);
    }
  });
});
