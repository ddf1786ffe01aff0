'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { sharedServer, testClient } = require('../../support/server');

const run = promisify(execFile);
const BENCHMARK = path.join(__dirname, '../../../tools/benchmark');
const FIGURES = [
  'opsPerSecond', 'p50Ms', 'p99Ms', 'p999Ms', 'mainUsPerOp', 'processUsPerOp', 'serverUsPerOp',
  'loopDelayP99Ms', 'loopDelayMaxMs', 'rssMB'
];

const TINY = [
  '--contestants', 'original,ours,ours-partial', '--operations', 'get,touch,mix50,change', '--concurrency', '4', '--rates', '500',
  '--sids', '50', '--rounds', '2', '--seconds', '0.2', '--warmup', '0.01',
  '--footprint', '--apps', 'express4', '--sizes', '300', '--connections', '2', '--visitors', '8'
];

/** Every figure of a measurement is there: a number, in each of its forms. */
function assertFigures(figures, names, where) {
  assert.deepEqual(Object.keys(figures).sort(), [...names].sort(), where);
  for (const name of names) {
    for (const form of ['median', 'min', 'max']) {
      assert.ok(Number.isFinite(figures[name][form]), `${where}: ${name}.${form} is ${figures[name][form]}`);
    }
    assert.ok(figures[name].min <= figures[name].median && figures[name].median <= figures[name].max, `${where}: ${name}`);
  }
}

describe('npm run bench', function() {
  this.timeout(600_000);
  let directory;
  let results;
  let stdout;

  before(async () => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
    const { uri } = await sharedServer();
    const args = [BENCHMARK, ...TINY, '--out', path.join(directory, 'out.json'), '--images', path.join(directory, 'images')];
    ({ stdout } = await run(process.execPath, args, { env: { ...process.env, MONGODB_URI: uri } }));
    results = JSON.parse(fs.readFileSync(path.join(directory, 'out.json'), 'utf8'));
  });

  after(() => fs.rmSync(directory, { recursive: true, force: true }));

  it('measures every scenario with every contestant', () => {
    const scenarios = results.stores.map(({ operation, concurrency, rate }) => [operation, concurrency ?? null, rate ?? null]);
    assert.deepEqual(scenarios, [
      ['get', 4, null], ['get', null, 500], ['touch', 4, null], ['touch', null, 500], ['mix50', 4, null], ['mix50', null, 500],
      ['change', 4, null], ['change', null, 500]
    ]);
    for (const { operation, contestants } of results.stores) {
      assert.deepEqual(Object.keys(contestants), ['original', 'ours', ...(operation === 'change' ? ['ours-partial'] : [])]);
    }
  });

  it('has every figure, from as many verified rounds as were asked for', () => {
    for (const { operation, contestants } of results.stores) {
      for (const [id, { absent, figures, operations, verified }] of Object.entries(contestants)) {
        if (absent) continue;
        assertFigures(figures, FIGURES, `${operation} of ${id}`);
        assert.equal(verified, 2);
        assert.ok(operations > 0);
      }
    }
  });

  it('says which store cannot do an operation, instead of a figure', () => {
    const { original, ours } = results.stores.find(({ operation }) => operation === 'touch').contestants;
    assert.deepEqual(original, { absent: 'this store has no touch' });
    assert.ok(ours.figures);
  });

  it('measures a whole app with each store, and with none', () => {
    assert.deepEqual(results.apps.map(({ framework, kind }) => [framework, kind]), [['Express 4', 'read'], ['Express 4', 'save']]);
    for (const { kind, contestants } of results.apps) {
      assert.deepEqual(Object.keys(contestants), ['original', 'ours', 'memory']);
      for (const [id, { figures, verified }] of Object.entries(contestants)) {
        const { serverUsPerOp, ...others } = figures;
        assertFigures(others, FIGURES.filter((name) => name !== 'serverUsPerOp'), `${kind} with ${id}`);
        assert.equal(Number.isFinite(serverUsPerOp.median), id !== 'memory');
        assert.equal(verified, 2);
      }
    }
  });

  it('measures time to the first result, memory and installed size', () => {
    assert.deepEqual(Object.keys(results.footprints), ['original', 'ours']);
    for (const [id, { installed, ...figures }] of Object.entries(results.footprints)) {
      assertFigures(figures, ['firstResultMs', 'idleMB', 'usedMB'], id);
      assert.ok(installed.bytes > 1e6 && installed.packages >= 2, JSON.stringify(installed));
    }
    assert.equal(results.footprints.ours.installed.packages, 2);
  });

  it('states machine, versions and method', () => {
    assert.match(stdout, new RegExp(`${os.cpus().length} cores`));
    assert.match(stdout, new RegExp(`Node ${process.versions.node}, MongoDB \\d+\\.\\d+`));
    assert.match(stdout, /connect-mongodb-session 5\.0\.0\b/);
    assert.match(stdout, /Medians of 2 rounds of 0\.2 s/);
    assert.match(stdout, /The load generator .* takes [\d.]+ us/);
  });

  it('prints a line per contestant, with the ratio to the original', () => {
    const [block] = stdout.split('\n\n').filter((text) => text.startsWith('get, 4 at a time'));
    const lines = block.split('\n').slice(2);
    const { original, ours } = results.stores[0].contestants;
    const ratio = (ours.figures.opsPerSecond.median / original.figures.opsPerSecond.median).toFixed(2);
    assert.equal(lines.length, 2);
    assert.match(lines[0], /^ {2}connect-mongodb-session 5 .* 1\.00x /);
    assert.ok(lines[1].includes(` ${ratio}x `), lines[1]);
  });

  it('draws plots that follow the colour scheme', () => {
    const images = path.join(directory, 'images');
    assert.deepEqual(fs.readdirSync(images), [
      'bench-apps.svg', 'bench-footprint.svg', 'bench-latency.svg', 'bench-main-thread.svg', 'bench-throughput.svg'
    ]);
    for (const name of fs.readdirSync(images)) {
      const svg = fs.readFileSync(path.join(images, name), 'utf8');
      assert.match(svg, /^<svg [^>]*viewBox="0 0 \d+ \d+"/);
      assert.match(svg, /prefers-color-scheme: dark/);
      assert.doesNotMatch(svg, /NaN|undefined|null|Infinity/);
    }
  });

  it('leaves nothing in the database', async () => {
    const { databases } = await (await testClient()).db().admin().listDatabases({ nameOnly: true });
    assert.deepEqual(databases.map(({ name }) => name).filter((name) => name.startsWith('bench_')), []);
  });
});
