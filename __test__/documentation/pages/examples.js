'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { names } = require('../../../tools/examples');
const { Page, ROOT } = require('../../support/markdown');

const EXAMPLES = path.join(ROOT, 'examples');

describe('examples/README', () => {
  it('its commands are what the test of the examples does', () => {
    const page = new Page('examples/README.md');
    const [install, build, start] = page.commands('--if-present');
    assert.deepEqual([install, build], ['npm install', 'npm run build --if-present']);
    const [, ...variables] = /^(\w+)=\S+ (\w+)=\S+ (\w+)=\S+ npm start$/.exec(start);
    for (const name of names()) {
      const { scripts } = require(path.join(EXAMPLES, name, 'package.json'));
      assert.match(scripts.start, /^node /, name);
      const sources = fs.readdirSync(path.join(EXAMPLES, name), { recursive: true })
        .filter((file) => /\.[jt]s$/.test(file) && !file.includes('node_modules'))
        .map((file) => fs.readFileSync(path.join(EXAMPLES, name, file), 'utf8')).join('\n');
      for (const variable of variables) assert.ok(sources.includes(`process.env.${variable}`), `${name} reads ${variable}`);
    }
  });

  it('lists every example', () => {
    const text = fs.readFileSync(path.join(EXAMPLES, 'README.md'), 'utf8');
    const listed = [...text.matchAll(/^\| \[([^\]]+)\]/gm)].map(([, name]) => name);
    const there = fs.readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    assert.deepEqual(listed.sort(), there.sort());
  });
});
