'use strict';

/** Calls of a store's methods, watched: each must end once, and in time. */

const MOST_REASONS = 8;

/** The driver's part of a store's error: what the store was doing, and to what, comes before it. */
function reasonOf(error) {
  const reason = error.cause?.message ?? error.message.slice(error.message.lastIndexOf('\n') + 1).replace(/^(?:Error [^:]*|[^:]*\}): /, '');
  return reason.replace(/127\.0\.0\.1:\d+/g, 'HOST').replace(/-?\b\d+\b/g, 'N').slice(0, 160);
}

class Calls {
  constructor() {
    this.issued = 0;
    this.succeeded = 0;
    this.failed = 0;
    /** Callbacks beyond the first of a call. */
    this.repeated = 0;
    this.slowestMs = 0;
    this.reasons = new Map();
  }

  /** @returns {number} calls that have not ended */
  get open() {
    return this.issued - this.succeeded - this.failed;
  }

  /**
   * @param {object} store
   * @param {string} method
   * @param {...*} args without the callback
   * @returns {Promise<{error: Error|undefined, value: *, startedAt: number, endedAt: number}>} never rejects; times in ms since 1970
   */
  call(store, method, ...args) {
    const startedAt = Date.now();
    this.issued++;
    let ended = false;
    return new Promise((resolve) => {
      const done = (error, value) => {
        if (ended) {
          this.repeated++;
          return;
        }
        ended = true;
        const endedAt = Date.now();
        this.slowestMs = Math.max(this.slowestMs, endedAt - startedAt);
        if (error) this.fail(error);
        else this.succeeded++;
        resolve({ error, value, startedAt, endedAt });
      };
      try {
        store[method](...args, done);
      } catch (error) {
        done(error);
      }
    });
  }

  fail(error) {
    this.failed++;
    const reason = reasonOf(error);
    if (this.reasons.has(reason) || this.reasons.size < MOST_REASONS) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  /** @returns {object} the figures so far; can be sent to another process */
  get figures() {
    const { issued, succeeded, failed, repeated, open, slowestMs } = this;
    return { issued, succeeded, failed, repeated, open, slowestMs, reasons: Object.fromEntries(this.reasons) };
  }
}

module.exports = { Calls, reasonOf };
