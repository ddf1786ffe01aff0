'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const archive = require('../../tools/fuzz/archive');
const progress = require('../../tools/fuzz/progress');
const { result } = require('../../tools/fuzz/result');

const SCRIPT = path.join(__dirname, '..', '..', 'tools', 'fuzz', 'index.js');

describe('npm run fuzz', () => {
  const run = (args, env) => spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });

  it('names the targets to who names another', () => {
    const { status, stderr } = run(['nonsense', '5']);
    assert.equal(status, 2);
    assert.match(stderr, /^nonsense is none of the targets: .*\bsettings, socks, submission\b/);
  });

  it('says what has to be installed', function() {
    if (process.platform === 'win32') this.skip();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'no-cargo-fuzz-'));
    try {
      const without = run([], { PATH: folder });
      assert.deepEqual([without.status, without.stderr], [2, 'cargo is not installed: https://rustup.rs\n']);
      fs.writeFileSync(path.join(folder, 'cargo'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
      const { status, stderr } = run([], { PATH: folder });
      assert.deepEqual([status, stderr], [2, 'cargo-fuzz is not installed: cargo install cargo-fuzz\n']);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('lays an archive of inputs out as files, and packs them to the same archive', () => {
    const kept = path.join(__dirname, '..', '..', 'fuzz', 'corpus', 'socks.txt');
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'corpus-'));
    try {
      const [files, packed] = [path.join(folder, 'files'), path.join(folder, 'packed.txt')];
      archive.unpack(kept, files);
      archive.pack(files, packed);
      assert.ok(fs.readdirSync(files).length > 1);
      assert.equal(fs.readFileSync(packed, 'utf8'), fs.readFileSync(kept, 'utf8'));
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  const OUTPUT = [
    'INFO: Running with entropic power schedule (0xFF, 100).\n#12\tINIT', 'ED cov: 100 ft: 120 corp: 9/80b\n',
    '#900\tNEW    cov: 110 ft: 140 corp: 10/90b\n', '#1024\tREDUCE cov: 110 ft: 140 corp: 10/80b\n'
  ];

  function read(end, code) {
    const seen = progress.start();
    [...OUTPUT, end].forEach((text, index) => progress.read(seen, text, 10_000 * (index + 1)));
    return progress.figures(seen, code, 60_000);
  }

  it('tells when the last new coverage was seen', () => {
    const figures = read('#2000\tDONE   cov: 110 ft: 140\nstat::number_of_executed_units: 2000\n', 0);
    assert.deepEqual(figures, { runs: 2000, coverage: 110, lastNewSeconds: 10, failure: undefined });
  });

  it('tells what was found', () => {
    const panic = "thread '<unnamed>' panicked at src/replies.rs:20:5:";
    assert.equal(read(`${panic}\nan error went missing\nSUMMARY: libFuzzer: deadly signal\n`, 77).failure, panic);
    assert.equal(read('SUMMARY: AddressSanitizer: heap-buffer-overflow\n', 1).failure, 'AddressSanitizer: heap-buffer-overflow');
    assert.equal(read('', null).failure, 'ended with code null');
  });

  it('keeps figures by target: what was found is a promise that does not hold', () => {
    const each = [
      { target: 'socks', seconds: 60, runs: 2000, coverage: 110, lastNewSeconds: 10 },
      { target: 'errors', seconds: 30, runs: 7, coverage: 9, lastNewSeconds: 1, failure: 'an error went missing' }
    ];
    const { options, contestants: { ours } } = result(each, Date.now(), os);
    assert.deepEqual(ours.checks.map(({ held, detail }) => [held, detail]), [
      [false, 'an error went missing'], [true, '2,000 runs, 110 edges, the last new one after 10 of 60 s']
    ]);
    assert.deepEqual([options.seconds, ours.figures.runs, ours.figures.findings], [30, 2007, 1]);
  });
});
