'use strict';

/**
 * A fresh process that loads one store and asks it for one session: how long that takes, and how
 * much memory it takes. Without a contestant: what a process with express-session has anyway.
 */

const session = require('express-session');
const { performance } = require('perf_hooks');
const { serve } = require('./child');

const GETS = 2000;
const CONCURRENCY = 16;

let opened;

function get(sid) {
  return new Promise((resolve, reject) => {
    opened.store.get(sid, (error, answer) => {
      if (error) reject(error);
      else if (!answer) reject(new Error('there is no session to read'));
      else resolve();
    });
  });
}

function memoryMB() {
  global.gc();
  return process.memoryUsage.rss() / 1048576;
}

serve({
  /** @returns {Promise<{firstResultMs: number, idleMB: number, usedMB: number}>} memory once connected, and after some thousand reads */
  async measure({ id, sid, published, ...options }) {
    if (id === null) return { firstResultMs: 0, idleMB: memoryMB(), usedMB: memoryMB() };
    process.env.BENCHMARK_PACKAGE = published;
    const { contestant } = require('./contestants');
    const one = contestant(id);
    const startedAt = performance.now();
    opened = one.open(session, options);
    await get(sid);
    const firstResultMs = performance.now() - startedAt;
    await opened.ready;
    const idleMB = memoryMB();
    for (let done = 0; done < GETS; done += CONCURRENCY) {
      await Promise.all(Array.from({ length: CONCURRENCY }, () => get(sid)));
    }
    return { firstResultMs, idleMB, usedMB: memoryMB() };
  },

  close: () => opened?.close()
});
