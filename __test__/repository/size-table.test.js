'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { repository } = require('../../tools/docs/size-table');

describe('the table of sizes', () => {
  it('counts each file of code once, with all its lines', () => {
    const rows = [...repository('HEAD').matchAll(/^\| ([^|\d]+) \| (\d+) \| (\d+) \| (\d+) \|$/gm)];
    assert.deepEqual(rows.map(([, kind]) => kind), ['tests', 'lib, and the entries', 'types', 'src', 'examples', 'tools']);
    for (const [, kind, files, lines, median] of rows) {
      assert.ok(Number(files) > 0 && Number(lines) >= Number(files) && Number(median) > 0, kind);
    }
    const git = (...args) => execFileSync('git', args, { cwd: path.join(__dirname, '..', '..'), encoding: 'utf8' });
    const [, , files, lines] = rows.find(([, kind]) => kind === 'types');
    const declarations = git('ls-tree', '-r', '--name-only', '--full-tree', 'HEAD').split('\n').filter((name) => name.endsWith('.d.ts') && !name.endsWith('/binding.d.ts') && !name.startsWith('__test__'));
    assert.equal(Number(files), declarations.length);
    const text = declarations.map((name) => git('show', `HEAD:${name}`)).join('');
    assert.equal(Number(lines), text.split('\n').length - 1);
  });

  it('counts what is at the top', () => {
    const [, entries] = /^Entries at the top: (\d+)\.$/m.exec(repository('HEAD'));
    const top = execFileSync('git', ['ls-tree', '--name-only', '--full-tree', 'HEAD'], { cwd: __dirname, encoding: 'utf8' }).trim().split('\n');
    assert.equal(Number(entries), top.length);
  });
});
