'use strict';

/** An operation that takes longer than this is late: nobody waits for a page for longer. */
const LATE_MS = 1000;

/** How long operations took. */
class Times {
  /** @param {number} [lateMs] from when on one is late */
  constructor(lateMs = LATE_MS) {
    this.lateMs = lateMs;
    this.all = [];
  }

  /** @param {number} ms */
  add(ms) {
    this.all.push(ms);
  }

  /** @returns {object} `{ ended, late, p50Ms, p90Ms, p99Ms, slowestMs }`; the times are null when nothing ended */
  get figures() {
    const sorted = Float64Array.from(this.all).sort();
    const at = (part) => sorted[Math.floor((sorted.length - 1) * part)] ?? null;
    return {
      ended: sorted.length,
      late: sorted.filter((ms) => ms > this.lateMs).length,
      p50Ms: at(0.5),
      p90Ms: at(0.9),
      p99Ms: at(0.99),
      slowestMs: at(1)
    };
  }
}

module.exports = { LATE_MS, Times };
