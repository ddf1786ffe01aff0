'use strict';

/** What the README promises of itself: its size and order, that it leads to every page, and that its tables are those of types and pages. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const read = (name) => fs.readFileSync(path.join(ROOT, name), 'utf8');

const MAX_BYTES = 12 * 1024;
const COUNTS = ['maxSessionsPerUser'];
const ORDER = ['Install', 'Swap', 'Options', 'Methods', 'Errors', 'Events', 'Performance', 'Documentation', 'Development', 'License'];

/** @returns {string} a section of a document, without its heading */
function section(name, heading) {
  const found = read(name).split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert.ok(found, `${name} has no section ${heading}`);
  return found;
}

/** @returns {string[]} what the first cells of a text's tables name */
function named(text) {
  return [...text.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name)).sort();
}

/** @returns {Map<string, {type: string, fallback: string}>} the rows of the README's table of options */
function documented() {
  const rows = section('README.md', 'Options').split('\n').filter((line) => line.startsWith('| `'));
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
    assert.deepEqual(headings, ORDER);
  });

  it('is under 12 KB', () => {
    const bytes = Buffer.byteLength(read('README.md'));
    assert.ok(bytes < MAX_BYTES, `${bytes} bytes: what is long belongs on a page of docs/`);
  });

  it('leads to every page', () => {
    const linked = [...new Set([...read('README.md').matchAll(/\]\(docs\/([\w-]+\.md)/g)].map(([, page]) => page))];
    const pages = fs.readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
    assert.deepEqual(linked.sort(), pages.sort());
  });

  it('has the methods of docs/methods.md', () => {
    assert.deepEqual(named(section('README.md', 'Methods')), named(read('docs/methods.md')));
  });

  it('has the events of docs/events.md', () => {
    assert.deepEqual(named(section('README.md', 'Events')), named(read('docs/events.md')));
  });

  it('has a few figures', () => {
    const rows = section('README.md', 'Performance').match(/^\| .*\d+x.*\|$/gm);
    assert.ok(rows.length > 5 && rows.length < 12, `${rows.length} rows`);
  });

  it('has every option in its table, and no other', () => {
    assert.deepEqual([...documented().keys()].sort(), [...declared().keys()].sort());
    assert.ok(documented().size > 15);
  });

  it('has a unit for every number that is no count', () => {
    const types = declared();
    for (const [name, { type }] of documented()) {
      if (!COUNTS.includes(name) && /^number\b/.test(types.get(name).type)) assert.match(type, /^number, (ms|s|min)(, or \w+)?$/, name);
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
