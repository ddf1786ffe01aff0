'use strict';

/**
 * The two ways to ask a store for work. `issue(done)` starts one operation; `done(error)` must be
 * called later, never at once.
 *
 * Closed loop: a fixed number of callers, each waits for its answer and asks again. Open loop:
 * operations arrive at a given rate, whether the store keeps up or not, and their latency counts
 * from when they should have started.
 */

const { performance } = require('perf_hooks');

const now = () => performance.now();

/**
 * @param {function(function(Error=): void): void} issue
 * @param {{concurrency: number, warmupMs: number, measureMs: number}} plan
 * @param {Meter} meter
 * @returns {Promise<{operations: number}>} all operations, also those before and after the measured interval
 */
function closedLoop(issue, { concurrency, warmupMs, measureMs }, meter) {
  return new Promise((resolve, reject) => {
    const startAt = now() + warmupMs;
    let endAt = Infinity;
    let measuring = false;
    let ended = false;
    let callers = concurrency;
    let operations = 0;

    function next() {
      if (ended) {
        if (--callers === 0) resolve({ operations });
        return;
      }
      const startedAt = now();
      issue((error) => {
        if (error) return reject(error);
        operations++;
        const at = now();
        if (measuring && !ended) {
          meter.complete();
          meter.record(at - startedAt);
          if (at >= endAt) {
            ended = true;
            meter.end();
          }
        } else if (!ended && at >= startAt) {
          measuring = true;
          meter.start();
          endAt = now() + measureMs;
        }
        next();
      });
    }
    for (let caller = 0; caller < concurrency; caller++) next();
  });
}

/**
 * @param {function(function(Error=): void): void} issue
 * @param {{rate: number, limit: number, warmupMs: number, measureMs: number}} plan `rate` per second;
 *   arrivals while `limit` operations are under way are dropped and counted
 * @param {Meter} meter
 * @param {function(): number} random from 0 to 1, for the arrivals (exponentially distributed)
 * @returns {Promise<{operations: number, dropped: number}>}
 */
function openLoop(issue, { rate, limit, warmupMs, measureMs }, meter, random) {
  return new Promise((resolve, reject) => {
    const startAt = now() + warmupMs;
    const endAt = startAt + measureMs;
    const pause = () => (-Math.log(1 - random()) * 1000) / rate;
    let due = now() + pause();
    let measuring = false;
    let ended = false;
    let underWay = 0;
    let operations = 0;
    let dropped = 0;

    function arrive(at) {
      if (underWay >= limit) {
        if (measuring) dropped++;
        return;
      }
      underWay++;
      issue((error) => {
        if (error) return reject(error);
        underWay--;
        operations++;
        if (measuring && !ended) meter.complete();
        if (at >= startAt && at < endAt) meter.record(now() - at);
        if (ended && underWay === 0) resolve({ operations, dropped });
      });
    }

    function tick() {
      const at = now();
      if (!measuring && at >= startAt) {
        measuring = true;
        meter.start();
      }
      for (; due <= at && due < endAt; due += pause()) arrive(due);
      if (at >= endAt) {
        ended = true;
        meter.end();
        if (underWay === 0) resolve({ operations, dropped });
        return;
      }
      setTimeout(tick, 1);
    }
    tick();
  });
}

module.exports = { closedLoop, openLoop };
