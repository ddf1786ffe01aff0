'use strict';

/** What `npm run test:js` runs: a failure must come through, and one that goes away must be seen. */

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const COMMAND = path.join(__dirname, '..', '..', 'tools', 'test.js');

describe('the command of the tests', function command() {
  this.timeout(60_000);
  let tests;

  beforeEach(() => {
    tests = fs.mkdtempSync(path.join(os.tmpdir(), 'tests-'));
  });

  afterEach(() => fs.rmSync(tests, { recursive: true }));

  function write(folder, body) {
    fs.mkdirSync(path.join(tests, folder), { recursive: true });
    fs.writeFileSync(path.join(tests, folder, 'one.test.js'), `it('works', () => { ${body} });`);
  }

  async function run(...asked) {
    const child = spawn(process.execPath, [COMMAND, '--tests', tests, ...asked], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
    const [code] = await once(child, 'close');
    return { code, output };
  }

  it('runs every folder, also those within others', async () => {
    for (const folder of ['a', 'a/b/c', 'd']) write(folder, '');
    const { code, output } = await run();
    assert.equal(code, 0, output);
    assert.match(output, /^3 passing, 0 pending, 0 failing at first/m);
  });

  it('runs a folder of many files in parts, each file once', async () => {
    fs.mkdirSync(path.join(tests, 'many'));
    for (let n = 0; n < 30; n++) fs.writeFileSync(path.join(tests, 'many', `${n}.test.js`), `it('works ${n}', () => {});`);
    const { code, output } = await run();
    assert.equal(code, 0, output);
    for (let n = 0; n < 30; n++) assert.equal(output.split(`works ${n}\n`).length, 2, `${n}`);
    assert.match(output, /many, part 3 of 3\n[^]*^30 passing/m);
  });

  it('runs the folders that are asked for, and says which there are', async () => {
    write('good/one', '');
    write('bad', 'throw new Error("not asked for")');
    assert.equal((await run('good')).code, 0);
    const { code, output } = await run('other');
    assert.equal(code, 1);
    assert.match(output, /no folder of tests begins with other; there are bad, good\/one/);
  });

  it('fails where a folder fails twice, and says with what', async () => {
    write('good', '');
    write('bad', 'throw new Error("not as it should be")');
    const { code, output } = await run();
    assert.equal(code, 1, output);
    assert.match(output.slice(output.indexOf('all folders')), /bad FAILED twice:[^]*not as it should be[^]*1 passing, 0 pending, 1 failing at first/);
  });

  it('runs commands beside the folders, and counts their tests too', async () => {
    write('good', '');
    const cargo = path.join(tests, 'cargo.js');
    fs.writeFileSync(cargo, 'console.log("test result: ok. 212 passed; 0 failed; 3 ignored; 0 measured")');
    const { code, output } = await run('--beside', `node "${cargo}"`);
    assert.equal(code, 0, output);
    assert.match(output.slice(output.indexOf('all folders')), /s {2}node ".*cargo.js"\n[^]*^213 passing, 3 pending, 0 failing at first/m);
  });

  it('fails where such a command fails twice, and says with what', async () => {
    write('good', '');
    const { code, output } = await run('--beside', 'node -e "throw new Error(7 * 6)"');
    assert.equal(code, 1, output);
    assert.match(output.slice(output.indexOf('all folders')), /node -e .* FAILED twice:[^]*Error: 42[^]*1 passing/);
  });

  it('fails where a process ends before its tests do', async () => {
    write('bad', 'process.kill(process.pid, "SIGKILL")');
    assert.equal((await run()).code, 1);
  });

  it('tells of a failure that goes away, with the same seed both times', async () => {
    const file = JSON.stringify(path.join(tests, 'seed'));
    write('bad', `const fs = require('fs');
      const seed = require(${JSON.stringify(require.resolve('fast-check'))}).readConfigureGlobal().seed;
      if (!fs.existsSync(${file})) { fs.writeFileSync(${file}, String(seed)); throw new Error('beside others'); }
      require('assert').equal(typeof seed, 'number');
      require('assert').equal(String(seed), fs.readFileSync(${file}, 'utf8'));`);
    const { code, output } = await run();
    assert.equal(code, 0, output);
    assert.match(output.slice(output.indexOf('all folders')), /bad FAILED beside others, and passed alone:[^]*beside others/);
  });
});
