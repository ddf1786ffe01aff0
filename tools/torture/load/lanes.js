'use strict';

/**
 * A steady load on a store. Each lane has sessions of its own and does one thing at a time: it counts a
 * session's number up, or reads it and compares it with the last number that the store said was stored.
 */

const { setTimeout: pause } = require('timers/promises');
const { endsWithin } = require('../until');
const { Calls } = require('./calls');

const HOUR_MS = 3_600_000;

function sessionOf(n, bytes) {
  return { n, text: 'x'.repeat(bytes), cookie: { originalMaxAge: HOUR_MS, expires: new Date(Date.now() + HOUR_MS), path: '/' } };
}

class Lanes {
  /**
   * @param {object} store
   * @param {object} options
   * @param {number} [options.lanes] default 8
   * @param {number} [options.sessions] of each lane; default 10
   * @param {number} [options.pauseMs] between a lane's operations; default 5
   * @param {number} [options.bytes] of each session's text; default 200
   * @param {function(object): void} wrote hears of every write that ended: `{ sid, n, ok, startedAt, endedAt }`
   */
  constructor(store, { lanes = 8, sessions = 10, pauseMs = 5, bytes = 200 }, wrote) {
    Object.assign(this, { store, sessions, pauseMs, bytes, wrote });
    this.calls = new Calls();
    /** Reads that found less than was acknowledged before. */
    this.stale = 0;
    this.running = true;
    this.ended = Promise.all(Array.from({ length: lanes }, (_, lane) => this.run(lane)));
  }

  async run(lane) {
    const sids = Array.from({ length: this.sessions }, (_, n) => `lane${lane}-${n}`);
    const attempted = sids.map(() => 0);
    const acknowledged = sids.map(() => 0);
    for (let turn = 0; this.running; turn++) {
      const at = Math.floor(turn / 2) % sids.length;
      if (turn % 2 === 0) {
        const n = ++attempted[at];
        const { error, startedAt, endedAt } = await this.calls.call(this.store, 'set', sids[at], sessionOf(n, this.bytes));
        if (!error) acknowledged[at] = n;
        this.wrote({ sid: sids[at], n, ok: !error, startedAt, endedAt });
      } else {
        const { error, value } = await this.calls.call(this.store, 'get', sids[at]);
        if (!error && (value?.n ?? 0) < acknowledged[at]) this.stale++;
      }
      await pause(this.pauseMs);
    }
  }

  /**
   * Lets every lane finish what it is doing.
   *
   * @param {number} withinMs
   * @returns {Promise<boolean>} whether they all did
   */
  async stop(withinMs) {
    this.running = false;
    return endsWithin(this.ended, withinMs);
  }
}

module.exports = { Lanes, sessionOf };
