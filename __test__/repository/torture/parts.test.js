'use strict';

/** What the scenarios judge with: it must see what they look for. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { linePlot } = require('../../../tools/drawing/line-plot');
const { Journal } = require('../../../tools/torture/journal');
const { Calls } = require('../../../tools/torture/load/calls');
const { Lanes } = require('../../../tools/torture/load/lanes');
const { summary } = require('../../../tools/torture/memory');
const { parse } = require('../../../tools/torture/options');
const { SCENARIOS } = require('../../../tools/torture/scenarios');
const { MEASURES, growth } = require('../../../tools/torture/scenarios/leaks');
const lossyLink = require('../../../tools/torture/scenarios/lossy-link');

const TORTURE = path.join(__dirname, '..', '..', '..', 'tools', 'torture');
const RESULTS = path.join(TORTURE, 'results');

/** A collection of the Node driver, as far as a journal uses it. */
const stored = (sessions) => ({
  find: () => Object.entries(sessions).map(([_id, n]) => ({ _id, session: { n } }))
});

/** A store of functions. */
const storeOf = (methods) => ({ get: (sid, done) => done(null), set: (sid, session, done) => done(), ...methods });

describe('the torture', () => {
  describe('a journal', () => {
    const write = (n, ok) => ({ sid: 'lane0-a', n, ok, startedAt: n * 100, endedAt: n * 100 + 10 });

    it('sees a write that was acknowledged and is not stored', async () => {
      const journal = new Journal();
      journal.record([write(1, true), write(2, true), write(3, false)]);
      assert.deepEqual((await journal.compare(stored({ 'lane0-a': 1 }))).lost, ['lane0-a: 1 stored, 2 acknowledged']);
      assert.deepEqual((await journal.compare(stored({}))).lost, ['lane0-a: 0 stored, 2 acknowledged']);
      for (const n of [2, 3]) assert.deepEqual(await journal.compare(stored({ 'lane0-a': n })), { acknowledged: 2, lost: [], invented: [] });
    });

    it('sees what nobody wrote', async () => {
      const journal = new Journal();
      journal.record([write(1, true)]);
      assert.deepEqual((await journal.compare(stored({ 'lane0-a': 9 }))).invented, ['lane0-a: 9 stored, 1 tried']);
    });

    it('knows the longest silence, and when everybody is served again', () => {
      const journal = new Journal();
      journal.record([write(1, true), write(8, true), write(9, false)]);
      assert.equal(journal.silenceAfter(110), 700);
      assert.equal(journal.flowsAgain(700, 1), true);
      assert.equal(journal.flowsAgain(800, 1), false);
      assert.equal(journal.flowsAgain(700, 2), false);
      assert.deepEqual([journal.waitingSince(700), journal.waitingSince(800)], [[], ['lane0']]);
    });
  });

  describe('a watched call', () => {
    it('is known not to have ended', () => {
      const calls = new Calls();
      calls.call(storeOf({ get: () => {} }), 'get', 'a');
      assert.equal(calls.open, 1);
    });

    it('is known to have called back twice', async () => {
      const calls = new Calls();
      await calls.call(storeOf({ get: (sid, done) => { done(); done(); } }), 'get', 'a');
      assert.equal(calls.repeated, 1);
    });

    it('is counted with the reason for which it failed', async () => {
      const calls = new Calls();
      await calls.call(storeOf({ get: (sid, done) => done(new Error('Error finding a: connect ECONNREFUSED 127.0.0.1:1')) }), 'get', 'a');
      await calls.call(storeOf({ get: () => { throw new Error('thrown'); } }), 'get', 'a');
      assert.deepEqual(calls.figures.reasons, { 'connect ECONNREFUSED HOST': 1, thrown: 1 });
    });
  });

  it('sees a read that knows less than was acknowledged', async () => {
    let lanes;
    await new Promise((resolve) => {
      let writes = 0;
      const store = storeOf({ get: (sid, done) => done(null, { n: 0 }) });
      lanes = new Lanes(store, { lanes: 1, pauseMs: 1 }, () => ++writes === 3 && resolve());
    });
    assert.equal(await lanes.stop(5000), true);
    assert.ok(lanes.stale > 0);
  });

  it('sees that a series grows, and not that it jitters', () => {
    const series = (value) => Array.from({ length: 40 }, (_, n) => value(n));
    assert.equal(growth(series((n) => 60 + n), MEASURES.rssMB).flat, false);
    assert.equal(growth(series((n) => 60 + (n % 5) + (n < 5 ? n * 10 : 0)), MEASURES.rssMB).flat, true);
    assert.equal(growth(series((n) => 8 + (n >> 3)), MEASURES.threads).flat, false);
    assert.equal(growth(series((n) => 20 + n), MEASURES.connections).flat, false);
  });

  it('wants 3.3 times the original\'s throughput on a lossy link where there are many sessions, and 1.5 times where there are few', () => {
    const figures = (sessions, perSecond, p99Ms) => ({ figures: { cells: [{ lost: 10, callers: 64, apartMs: 0, sessions, perSecond, p90Ms: 1, p99Ms }] } });
    const held = (sessions, perSecond, p99Ms = 1) => lossyLink.compare({ ours: figures(sessions, perSecond, p99Ms), original: figures(sessions, 1000, 1) }, lossyLink.long)
      .map((check) => check.held);
    assert.deepEqual(held(20_000, 3300), [true, true]);
    assert.deepEqual(held(20_000, 3290), [false, true]);
    assert.deepEqual(held(20_000, 3300, 10), [true, false]);
    assert.deepEqual(held(1000, 1500), [true, true]);
    assert.deepEqual(held(1000, 1490), [false, true]);
  });

  it('draws lines to scale', () => {
    const svg = linePlot({
      title: 'a < b', subtitle: '', legend: [], unit: 'operations', note: '',
      panels: [{ title: 'memory', lines: [{ contestant: 'ours', points: [[50, 10], [100, 20]] }] }]
    });
    assert.match(svg, /aria-label="a &#60; b"/);
    const [, points] = /class="ours" points="([^"]+)"/.exec(svg);
    const [[x1, y1], [x2, y2]] = points.split(' ').map((point) => point.split(',').map(Number));
    assert.ok(x1 < x2 && y1 > y2, points);
  });

  it('kept results in which every promise holds here, for the table of docs/reliability.md', () => {
    const results = fs.readdirSync(RESULTS).map((name) => JSON.parse(fs.readFileSync(path.join(RESULTS, name), 'utf8')));
    for (const name of Object.keys(SCENARIOS)) assert.ok(results.some(({ scenario }) => scenario === name), name);
    const broken = results.flatMap(({ contestants }) => contestants.ours.checks.filter(({ held }) => !held));
    assert.deepEqual(broken, []);
  });

  it('reads what valgrind says', () => {
    const bad = 'test result: ok. 64 passed; 0 failed; 0 ignored\n==1==    definitely lost: 1,024 bytes in 2 blocks\n==1== ERROR SUMMARY: 3 errors from 2 contexts';
    assert.deepEqual(summary(bad), { tests: 64, failed: 0, errors: 3, definitelyLostBytes: 1024 });
    assert.ok(Number.isNaN(summary('valgrind: cannot start').errors));
  });

  it('says what there is to run, and refuses what there is not', () => {
    assert.match(spawnSync(process.execPath, [TORTURE, '--help'], { encoding: 'utf8' }).stdout, /failover .*\n.*standalone/);
    assert.throws(() => parse(['earthquake']), /there is no scenario "earthquake"; there are failover, /);
    assert.throws(() => parse(['--rounds', 'x']), /--rounds takes whole numbers from 1; got "x"/);
    assert.deepEqual(parse(['leaks', '--operations', '10', '--contestants', 'ours']).given, { operations: 10 });
  });
});
