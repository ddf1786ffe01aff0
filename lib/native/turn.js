'use strict';

/**
 * Keeps results that come without end from keeping the event loop from timers and other connections: what
 * callbacks ask for next may be answered before they return, and Node.js calls for results again and again
 * before it goes on.
 */

// Not the global: test frameworks replace that.
const { setImmediate } = require('timers');

// Taken at once: fake timers of test frameworks replace it.
const { hrtime } = process;

/** How often results are fetched before anybody looks at the clock: one operation at a time never needs to. */
const UNWATCHED = 16;
/** How long results may go on coming, in ns. */
const MOST_NS = 4e6;

/** One turn of the event loop. */
class Turn {
  /** @param {function(): void} resume fetches results, once the event loop has gone round */
  constructor(resume) {
    this.resume = resume;
    this.fetched = 0;
    this.watched = false;
    this.since = [0, 0];
    this.over = false;
    this.begin = this.begin.bind(this);
  }

  /** Asked before results are fetched. @returns {boolean} whether they have to wait for the next turn */
  isOver() {
    if (this.over) return true;
    if (this.watched) return (this.over = nanoseconds(hrtime(this.since)) > MOST_NS);
    if (++this.fetched >= UNWATCHED) {
      this.watched = true;
      this.since = hrtime();
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

function nanoseconds([seconds, rest]) {
  return seconds * 1e9 + rest;
}

module.exports = { Turn };
