'use strict';

/** Buckets of latency: each ends a fourth above the one before, from 0.01 ms to more than an hour. */
const FIRST_MS = 0.01;
const STEP = 1.25;
const BUCKETS = 90;
const LOG_STEP = Math.log(STEP);

/** What a store has done, in numbers. */
class Stats {
  constructor() {
    this.pending = 0;
    this.operations = new Map();
  }

  /** Counts an operation that took `ms`. */
  add(operation, ms, failed) {
    let entry = this.operations.get(operation);
    if (entry === undefined) {
      entry = { count: 0, errors: 0, totalMs: 0, buckets: new Uint32Array(BUCKETS) };
      this.operations.set(operation, entry);
    }
    entry.count++;
    if (failed) entry.errors++;
    entry.totalMs += ms;
    const bucket = ms <= FIRST_MS ? 0 : Math.ceil(Math.log(ms / FIRST_MS) / LOG_STEP);
    entry.buckets[Math.min(bucket, BUCKETS - 1)]++;
  }

  /** @returns {object} plain numbers, as `lib/types/store.d.ts` describes them */
  snapshot() {
    const operations = {};
    for (const [name, { count, errors, totalMs, buckets }] of this.operations) {
      operations[name] = {
        count,
        errors,
        meanMS: totalMs / count,
        p50MS: quantile(buckets, count, 0.5),
        p99MS: quantile(buckets, count, 0.99),
        histogram: histogram(buckets)
      };
    }
    return { pending: this.pending, operations };
  }
}

/** The upper end of the bucket in which the quantile lies, in ms. */
function quantile(buckets, count, part) {
  let left = Math.ceil(count * part);
  let bucket = 0;
  while (bucket < BUCKETS - 1 && (left -= buckets[bucket]) > 0) bucket++;
  return upperEnd(bucket);
}

/** The buckets in which something is. */
function histogram(buckets) {
  const filled = [];
  buckets.forEach((count, bucket) => {
    if (count > 0) filled.push({ upToMS: upperEnd(bucket), count });
  });
  return filled;
}

/** In ms; the last bucket has whatever took longer, too. */
function upperEnd(bucket) {
  return FIRST_MS * STEP ** bucket;
}

module.exports = { Stats };
