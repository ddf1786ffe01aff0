'use strict';

/** Follows docs/CONTRIBUTING.md literally: on a copy of the repository, a newcomer writes a test and the change. */

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { Page, ROOT } = require('../../support/markdown');
const { mongoUri } = require('../../support/server');

const manifest = require('../../../package.json');

const page = new Page('docs/CONTRIBUTING.md');
const COPIED = ['__test__/support', 'lib', 'tools', 'index.js', 'package.json', 'Cargo.toml'];

/** A copy of what a test needs, within the repository so that development dependencies are found. */
function clone() {
  const copy = fs.mkdtempSync(path.join(ROOT, 'node_modules', '.clone-'));
  for (const name of COPIED) fs.cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
  const [addon] = fs.readdirSync(ROOT).filter((name) => name.endsWith('.node'));
  if (addon) fs.symlinkSync(path.join(ROOT, addon), path.join(copy, addon));
  fs.mkdirSync(path.join(copy, '__test__', 'parity'));
  return copy;
}

/** Applies a diff of added lines after a line of context, as the page shows it. */
function apply(copy, file, diff) {
  const lines = diff.trimEnd().split('\n');
  const before = lines.filter((line) => line.startsWith(' ')).map((line) => line.slice(1)).join('\n');
  const after = lines.map((line) => line.slice(1)).join('\n');
  const target = path.join(copy, file);
  const source = fs.readFileSync(target, 'utf8');
  assert.equal(source.split(before).length, 2, `${file} has the line of the example once`);
  fs.writeFileSync(target, source.replace(before, () => after));
}

describe('CONTRIBUTING', () => {
  let copy;

  before(() => {
    copy = clone();
  });

  after(() => fs.rmSync(copy, { recursive: true }));

  /** Runs `npx mocha FILE` in the copy, on the server that is there already. */
  async function mocha(command, cwd = copy, ...more) {
    const [, file] = /^npx mocha (\S+)$/.exec(command);
    const args = [require.resolve('mocha/bin/mocha.js'), file, ...more];
    const env = { ...process.env, MONGODB_URI: await mongoUri() };
    const child = spawn(process.execPath, args, { cwd, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
    const [code] = await once(child, 'close');
    return { code, output };
  }

  it('first commands: npm install, and one suite', async () => {
    const [first, suite, ...others] = page.commands('npx mocha __test__/parity #');
    assert.deepEqual([first, others], ['npm install', []]);
    const { code, output } = await mocha(suite, ROOT, '--dry-run');
    assert.equal(code, 0, output);
    assert.match(output, /get \[ours\]/);
    assert.doesNotMatch(output, /documentation/, 'no other suite');
  });

  it('the test of the example fails before the change, for the reason that is given, and passes after it', async () => {
    const [command] = page.commands('npx mocha __test__/parity/empty-id');
    fs.writeFileSync(path.join(copy, command.split(' ').at(-1)), page.block('an empty session id'));
    const before = await mocha(command);
    assert.equal(before.code, 1, before.output);
    assert.match(before.output, /get was expected to call back with an error/);

    apply(copy, 'lib/store/methods.js', page.block('+  if (id'));
    const after = await mocha(command);
    assert.equal(after.code, 0, after.output);
    assert.match(after.output, /^ +1 passing/m);
  });

  it('further commands: the scripts are there', () => {
    for (const command of [...page.commands('build:debug'), ...page.commands('npm run lint')]) {
      const [tool, ...args] = command.split(' ');
      if (tool === 'npm') assert.ok(args.at(-1) in manifest.scripts, command);
      else assert.equal(command, 'cargo test --lib');
    }
  });

  it('its table names every directory of sources, and places that are there', () => {
    const text = fs.readFileSync(path.join(ROOT, 'docs', 'CONTRIBUTING.md'), 'utf8');
    const table = text.slice(text.indexOf('| place |'), text.indexOf('## Rules'));
    const named = table.split('\n').slice(2).flatMap((row) => [...row.split('|')[1]?.matchAll(/`([^`]+)`/g) ?? []].map(([, name]) => name));
    for (const name of named) assert.ok(fs.existsSync(path.join(ROOT, name)), name);
    const folders = fs.readdirSync(path.join(ROOT, 'lib'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of folders) {
      assert.ok(['types', 'errors'].includes(name) || named.includes(`lib/${name}/`), `lib/${name}/ is not in the table`);
    }
    for (const name of fs.readdirSync(path.join(ROOT, '__test__'))) {
      assert.ok(named.includes(`__test__/${name}/`), `__test__/${name}/ is not in the table`);
    }
  });
});
