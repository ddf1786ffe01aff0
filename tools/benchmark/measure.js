'use strict';

/** What an interval of work cost this process. */

const fs = require('fs');
const { monitorEventLoopDelay, performance } = require('perf_hooks');

/** How often the event loop's delay is sampled, in ms; the histogram counts this much too much. */
const RESOLUTION_MS = 5;
const SCHEDSTAT = `/proc/self/task/${process.pid}/schedstat`;

function schedstatMs() {
  try {
    return Number(fs.readFileSync(SCHEDSTAT, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return NaN;
  }
}

const hasSchedstat = schedstatMs() > 0;

/** Where the main thread's CPU time comes from on this platform. */
const MAIN_THREAD_SOURCE = hasSchedstat
  ? '/proc/self/task/<main thread>/schedstat'
  : 'performance.eventLoopUtilization (active time, an upper bound)';

/** @returns {number} ms that the main thread spent computing so far */
function mainThreadMs() {
  return hasSchedstat ? schedstatMs() : performance.eventLoopUtilization().active;
}

function processMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** @returns {number} the value below which `share` (0 to 1) of sorted `values` are; NaN without values */
function percentile(values, share) {
  if (values.length === 0) return NaN;
  return values[Math.min(values.length - 1, Math.max(0, Math.ceil(values.length * share) - 1))];
}

/** Measures from `start` to `end`. Latencies may be recorded after that, for operations begun before. */
class Meter {
  constructor() {
    this.latencies = new Float64Array(1 << 16);
    this.recorded = 0;
    this.completed = 0;
    this.delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.span = null;
  }

  start() {
    this.delay.enable();
    this.delay.reset();
    this.main = mainThreadMs();
    this.process = processMs();
    this.startedAt = performance.now();
  }

  /** One more operation completed in the interval. */
  complete() {
    this.completed++;
  }

  /** @param {number} ms what an operation took */
  record(ms) {
    if (this.recorded === this.latencies.length) {
      const larger = new Float64Array(this.latencies.length * 2);
      larger.set(this.latencies);
      this.latencies = larger;
    }
    this.latencies[this.recorded++] = ms;
  }

  end() {
    this.span = performance.now() - this.startedAt;
    this.mainSpent = mainThreadMs() - this.main;
    this.processSpent = processMs() - this.process;
    this.delay.disable();
    this.rss = process.memoryUsage.rss();
  }

  /** @returns {object} figures; times in ms or microseconds per operation as their names say */
  figures() {
    const sorted = this.latencies.subarray(0, this.recorded).sort();
    const perOperation = (ms) => (ms * 1000) / this.completed;
    const delayMs = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    return {
      opsPerSecond: (this.completed * 1000) / this.span,
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
      p999Ms: percentile(sorted, 0.999),
      mainUsPerOp: perOperation(this.mainSpent),
      processUsPerOp: perOperation(this.processSpent),
      loopDelayP99Ms: delayMs(this.delay.percentile(99)),
      loopDelayMaxMs: delayMs(this.delay.max),
      rssMB: this.rss / 1048576
    };
  }
}

module.exports = { MAIN_THREAD_SOURCE, Meter, percentile };
