'use strict';

/** A process with one store in it, which does what its parent asks for. */

const { serve } = require('../../benchmark/child');
const { makeStore } = require('../contestants');
const { arrive } = require('./arrivals');
const { callAgainAndAgain } = require('./callers');
const { Calls, reasonOf } = require('./calls');
const { Lanes, sessionOf } = require('./lanes');
const { usage } = require('./usage');

const REPORT_MS = 50;
const FILL_AT_ONCE = 100;

let store;
let lanes;
let flood;
let peakMB = 0;

function sampleMemory() {
  peakMB = Math.max(peakMB, process.memoryUsage.rss() / 2 ** 20);
}

/** Tells the parent of the writes that ended, in bulk. */
function journal() {
  let written = [];
  const timer = setInterval(flush, REPORT_MS);
  function flush() {
    if (written.length === 0) return;
    const wrote = written;
    written = [];
    process.send({ wrote });
  }
  return {
    wrote: (one) => written.push(one),
    stop: () => {
      clearInterval(timer);
      flush();
    }
  };
}

let book;

serve({
  async open({ contestant, options }) {
    const startedAt = Date.now();
    const made = makeStore(contestant, options);
    // Used before it is connected, too.
    store = made.store;
    const error = await made.opened;
    return { error: error && reasonOf(error), tookMs: Date.now() - startedAt };
  },

  start(options) {
    book = journal();
    lanes = new Lanes(store, options, book.wrote);
  },

  figures: () => ({ ...lanes.calls.figures, stale: lanes.stale }),

  async stop({ withinMs }) {
    await lanes.stop(withinMs);
    book.stop();
    return { ...lanes.calls.figures, stale: lanes.stale };
  },

  /** Calls one method once. */
  async call({ method, args }) {
    const calls = new Calls();
    const { error, value, startedAt, endedAt } = await calls.call(store, method, ...args);
    return { error: error && reasonOf(error), message: error && error.message, value, tookMs: endedAt - startedAt };
  },

  /** Stores `sessions` sessions: `k0`, `k1` … */
  async fill({ sessions, bytes = 200 }) {
    const calls = new Calls();
    for (let from = 0; from < sessions; from += FILL_AT_ONCE) {
      const count = Math.min(FILL_AT_ONCE, sessions - from);
      await Promise.all(Array.from({ length: count }, (_, n) => calls.call(store, 'set', `k${from + n}`, sessionOf(0, bytes))));
    }
    if (calls.failed > 0) throw new Error(`${calls.failed} of ${sessions} sessions could not be stored: ${Object.keys(calls.figures.reasons)[0]}`);
  },

  arrive: (options) => arrive(store, options),

  callers: (options) => callAgainAndAgain(store, options),

  /** Calls several methods at once: `[[method, ...args], …]`. */
  async callAll({ operations }) {
    const calls = new Calls();
    const outcomes = await Promise.all(operations.map(([method, ...args]) => calls.call(store, method, ...args)));
    return outcomes.map(({ error, value, startedAt, endedAt }) => ({ error: error && reasonOf(error), value, tookMs: endedAt - startedAt }));
  },

  /** Calls a method `count` times at once, on as many sessions, and does not wait for the end. */
  flood({ count, method, bytes = 200, prefix = 'flood' }) {
    const calls = new Calls();
    const startedAt = Date.now();
    peakMB = 0;
    const timer = setInterval(sampleMemory, 20);
    const rest = method === 'set' ? [sessionOf(1, bytes)] : [];
    const all = Array.from({ length: count }, (_, n) => calls.call(store, method, `${prefix}${n}`, ...rest));
    sampleMemory();
    const issuedMs = Date.now() - startedAt;
    flood = { calls, ended: Promise.all(all).then(() => {
      sampleMemory();
      clearInterval(timer);
      return { ...calls.figures, tookMs: Date.now() - startedAt, issuedMs, peakMB };
    }) };
    return { issuedMs };
  },

  flooded: () => flood.ended,

  floodFigures: () => ({ ...flood.calls.figures, peakMB }),

  usage: () => usage(),

  close: () => store.client.close()
});
