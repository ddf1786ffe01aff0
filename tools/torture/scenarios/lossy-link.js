'use strict';

/**
 * The link to the server loses packets, each way. A lost packet is sent again by TCP after some 200 ms and stops whatever
 * is behind it on its connection. Both stores take turns, cell by cell, on one server.
 *
 * Callers without a pause visit sessions in turn, and write every fifth that they visit. How much they lose to a write that
 * was lost depends on how soon the same session is written again, because this package sends the next write of a session
 * only when the one before is over: what was acknowledged last is to be what is stored. So there are two cells with them:
 *
 * - 20,000 sessions, a site with many visitors. Each of the 4,000 that are written is written once or twice a second. Mostly
 *   a lost write has arrived before its session is written again, and only those in its own command have waited.
 * - 1,000 sessions, the worst case. Each of the 200 that are written is written some 20 times a second: the writes that
 *   follow a lost one wait behind it for the rest of its 200 ms, with their callers.
 */

const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { StoreProcess } = require('../load/process');
const { LossyLink, missing } = require('../namespaces');

const [FEW_SESSIONS, MANY_SESSIONS] = [1000, 20_000];
const CALL_MS = 120_000;
/** By how much equals may differ by chance: which packets are lost is random. */
const CHANCE = { throughput: 0.97, quantile: 1.1, ms: 2 };
/** Shorter runs lose too few packets to compare by. */
const COMPARABLE_MS = 5000;
/**
 * Callers without a pause share commands. With one packet in a hundred lost, too, that is worth at least so many times the
 * original's throughput. On few sessions this package waits for what was lost most of the time, however fast the machine
 * is, and the original is as fast as the machine: the faster it is, the nearer they are.
 */
const BATCHED = { [MANY_SESSIONS]: 3.3, [FEW_SESSIONS]: 1.5 };

const CELLS = [
  ...[5, 10, 20].flatMap((lost) => [64, 8].map((callers) => ({ lost, callers, apartMs: 20, sessions: FEW_SESSIONS }))),
  { lost: 0, callers: 64, apartMs: 0, sessions: FEW_SESSIONS },
  { lost: 10, callers: 64, apartMs: 0, sessions: FEW_SESSIONS },
  { lost: 10, callers: 64, apartMs: 0, sessions: MANY_SESSIONS }
];

function name({ lost, callers, apartMs, sessions }) {
  const pace = apartMs > 0 ? `${apartMs} ms apart` : `without a pause on ${sessions.toLocaleString('en-US')} sessions`;
  return `${lost / 10} % lost, ${callers} callers ${pace}`;
}

const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

function medians(runs) {
  const figures = {};
  for (const key of ['perSecond', 'p50Ms', 'p90Ms', 'p99Ms', 'slowestMs']) figures[key] = middle(runs.map((run) => run[key]));
  return { ...figures, failed: runs.reduce((sum, { failed }) => sum + failed, 0), repeated: runs.reduce((sum, { repeated }) => sum + repeated, 0) };
}

async function measure(contexts, cells, link, server) {
  const [execPath, ...execArgv] = link.under(0);
  const runs = new Map(contexts.map(({ contestant }) => [contestant, cells.map(() => [])]));
  const stores = new Map();
  try {
    for (const { contestant } of contexts) {
      const store = new StoreProcess(contestant, undefined, { execPath, execArgv: [...execArgv, process.execPath] });
      stores.set(contestant, store);
      const { error } = await store.open({ uri: `${server.uri}/${contestant}` });
      if (error) throw new Error(`${contestant} could not connect: ${error}`);
      await store.call('fill', { sessions: Math.max(...cells.map(({ sessions }) => sessions)) });
    }
    for (const [at, { lost, callers, apartMs, sessions }] of cells.entries()) {
      for (let round = 0; round < contexts[0].options.rounds; round++) {
        // Who goes first changes, so that what was before is not always the same.
        for (const { contestant, options, progress } of round % 2 === 0 ? contexts : [...contexts].reverse()) {
          link.lose(lost);
          const seen = await stores.get(contestant).call('callers', { callers, apartMs, forMs: options.forMs, sessions }, CALL_MS);
          link.lose(0);
          runs.get(contestant)[at].push(seen);
          progress(`${name(cells[at])}: ${Math.round(seen.perSecond)} per second, p50 ${seen.p50Ms.toFixed(1)}, p90 ${seen.p90Ms.toFixed(1)}, p99 ${seen.p99Ms.toFixed(1)} ms, ${seen.failed} errors`);
        }
      }
    }
  } finally {
    await Promise.all([...stores.values()].map((store) => store.stop()));
  }
  return runs;
}

function resultOf(cells, runs) {
  const checks = new Checks();
  const figures = { cells: cells.map((cell, at) => ({ ...cell, ...medians(runs[at]) })) };
  const failed = figures.cells.reduce((sum, cell) => sum + cell.failed + cell.repeated, 0);
  checks.add('nothing fails', failed === 0, `${failed} errors`);
  return { checks: checks.list, figures };
}

/**
 * @param {{contestant: string, options: {rounds: number, forMs: number, everyCell: number}, progress: function(string): void}[]} contexts of all contestants
 * @returns {Promise<Object<string, {checks: object[], figures: object}>>} by contestant
 */
async function runTogether(contexts) {
  const reason = missing();
  if (reason) {
    contexts[0].progress(`skipped: ${reason}`);
    return Object.fromEntries(contexts.map(({ contestant }) => [contestant, { checks: [], figures: { skipped: reason } }]));
  }
  const cells = CELLS.filter((_, at) => at % contexts[0].options.everyCell === 0);
  const link = new LossyLink().open();
  try {
    const server = await startMongod({ own: true, host: link.serverAddress, under: link.under(1) });
    try {
      const runs = await measure(contexts, cells, link, server);
      return Object.fromEntries([...runs].map(([contestant, of]) => [contestant, resultOf(cells, of)]));
    } finally {
      await server.stop();
    }
  } finally {
    link.close();
  }
}

/** @returns {object[]} checks of this package, beside the original */
function compare({ ours, original }, { forMs }) {
  const checks = new Checks();
  if (ours.figures.skipped || forMs < COMPARABLE_MS) return checks.list;
  ours.figures.cells.forEach((here, at) => {
    const there = original.figures.cells[at];
    const times = here.perSecond / there.perSecond;
    const wanted = here.apartMs === 0 && here.lost > 0 ? BATCHED[here.sessions] : 1;
    checks.add(`${name(here)}: throughput at least ${wanted === 1 ? 'the original\'s' : `${wanted} times the original's`}`,
      times >= (wanted === 1 ? CHANCE.throughput : wanted), `${times.toFixed(2)} times: ${Math.round(here.perSecond)} and ${Math.round(there.perSecond)} per second`);
    const noWorse = (key) => here[key] <= there[key] * CHANCE.quantile + CHANCE.ms;
    checks.add(`${name(here)}: p90 and p99 no worse than the original's`, noWorse('p90Ms') && noWorse('p99Ms'),
      `p90 ${here.p90Ms.toFixed(1)} and ${there.p90Ms.toFixed(1)} ms, p99 ${here.p99Ms.toFixed(1)} and ${there.p99Ms.toFixed(1)} ms`);
  });
  return checks.list;
}

module.exports = {
  title: 'Lossy link',
  how: '0.5, 1 and 2 % of packets lost each way between two network namespaces; 64 and 8 callers 20 ms apart, 64 without a pause at 0 and 1 % on 1,000 sessions, at 1 % on 20,000',
  long: { rounds: 3, forMs: 8000, everyCell: 1 },
  // Every second cell is one with 64 callers; the last of them is the one with many sessions.
  short: { rounds: 1, forMs: 1000, everyCell: 2 },
  runTogether,
  compare
};
