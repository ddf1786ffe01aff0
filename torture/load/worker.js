'use strict';

/** A process with one store in it, which does what its parent asks for. */

const { serve } = require('../../benchmark/child');
const { openStore } = require('../contestants');
const { Calls, reasonOf } = require('./calls');
const { Lanes, sessionOf } = require('./lanes');
const { usage } = require('./usage');

const REPORT_MS = 50;

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
    const opened = await openStore(contestant, options);
    store = opened.store;
    return { error: opened.error && reasonOf(opened.error), tookMs: Date.now() - startedAt };
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
