'use strict';

const assert = require('node:assert/strict');
const { useStores } = require('../support/stores');

/** More than are answered before any timer that is due fires. */
const MOST = 3000;
const CALLERS = 8;

function busy(ms) {
  const end = Date.now() + ms;
  while (Date.now() < end);
}

describe('the event loop', function() {
  this.timeout(60_000);
  const stores = useStores();

  it('has its turn while operations are answered faster than their callbacks run', async () => {
    const store = await stores.connected();
    // So large that they go out before the tick ends.
    const session = { cookie: {}, text: 'x'.repeat(200_000) };
    let fired = false;
    let answered = 0;
    const caller = (_, number) => new Promise((resolve, reject) => {
      const next = (error) => {
        if (error) return reject(error);
        if (++answered === CALLERS) setTimeout(() => { fired = true; }, 10);
        if (fired || answered >= MOST) return resolve();
        store.set(`sid${number}`, session, next);
        // By the end of the last caller's the first is answered.
        busy(3);
      };
      store.set(`sid${number}`, session, next);
    });
    await Promise.all(Array.from({ length: CALLERS }, caller));
    assert.ok(fired && answered < MOST / 10, `${answered} were answered before the timer fired`);
  });
});
