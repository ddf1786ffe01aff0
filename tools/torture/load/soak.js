'use strict';

/** A process that uses a store for long, and opens and closes many, so that what grows can be seen. */

const { serve } = require('../../benchmark/child');
const { openStore } = require('../contestants');
const { sessionOf } = require('./lanes');
const { usage } = require('./usage');

const SESSIONS = 5000;
const CONCURRENCY = 64;
const OPEN_AT_ONCE = 5;

let store;
let failed = 0;

/** Half reads, and writes, touches where the store has them, and some destroys. */
function operate(n, done) {
  const sid = `soak${(n * 7919) % SESSIONS}`;
  const kind = n % 20;
  if (kind === 19) store.destroy(sid, done);
  else if (kind >= 16 && typeof store.touch === 'function') store.touch(sid, sessionOf(n, 200), done);
  else if (kind >= 10) store.set(sid, sessionOf(n, 200), done);
  else store.get(sid, done);
}

function run(count) {
  return new Promise((resolve) => {
    let started = 0;
    let ended = 0;
    const next = (error) => {
      if (error) failed++;
      if (++ended === count) resolve();
      else if (started < count) operate(started++, next);
    };
    while (started < Math.min(CONCURRENCY, count)) operate(started++, next);
  });
}

serve({
  async open({ contestant, options }) {
    ({ store } = await openStore(contestant, options));
  },

  async operations({ count }) {
    const startedAt = Date.now();
    await run(count);
    return { ...usage(), failed, tookMs: Date.now() - startedAt };
  },

  /** Opens stores with pools of their own, uses them, and closes them. */
  async stores({ contestant, count, uri, from }) {
    for (let n = 0; n < count; n += OPEN_AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(OPEN_AT_ONCE, count - n) }, async (_, k) => {
        const opened = await openStore(contestant, { uri, connectionOptions: { appName: `soak${from + n + k}`, maxPoolSize: 2 } });
        if (opened.error) failed++;
        await new Promise((resolve) => opened.store.set(`opened${k}`, sessionOf(n, 10), (error) => {
          if (error) failed++;
          resolve();
        }));
        await opened.store.client.close();
      }));
    }
    return { ...usage(), failed };
  }
});
