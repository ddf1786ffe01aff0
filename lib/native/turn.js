'use strict';

/**
 * Keeps results that come without end from keeping the event loop from timers and other connections: what
 * callbacks ask for next may be answered before they return, and Node.js calls for results again and again
 * before it goes on.
 */

const { performance } = require('perf_hooks');
// Not the global: test frameworks replace that.
const { setImmediate } = require('timers');

/** How often results are fetched before anybody looks at the clock: one operation at a time never needs to. */
const UNWATCHED = 16;
/** How long results may go on coming, in ms. */
const MOST_MS = 4;

const now = performance.now.bind(performance);

/** One turn of the event loop. */
class Turn {
  /** @param {function(): void} resume fetches results, once the event loop has gone round */
  constructor(resume) {
    this.resume = resume;
    this.fetched = 0;
    this.watched = false;
    this.since = 0;
    this.over = false;
    this.begin = this.begin.bind(this);
  }

  /** Asked before results are fetched. @returns {boolean} whether they have to wait for the next turn */
  isOver() {
    if (this.over) return true;
    if (this.watched) return (this.over = now() - this.since > MOST_MS);
    if (++this.fetched >= UNWATCHED) {
      this.watched = true;
      this.since = now();
      setImmediate(this.begin);
    }
    return false;
  }

  begin() {
    const { over } = this;
    this.fetched = 0;
    this.watched = this.over = false;
    if (over) this.resume();
  }
}

module.exports = { Turn };
