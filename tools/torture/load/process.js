'use strict';

const path = require('path');
const { Child } = require('../../benchmark/child');

/** A process with a store, and the writes that it reports. */
class StoreProcess extends Child {
  /**
   * @param {string} contestant
   * @param {Journal} [journal] hears of the writes of its lanes
   * @param {object} [options] of `Child`
   */
  constructor(contestant, journal, options) {
    super(path.join(__dirname, 'worker.js'), contestant, options);
    this.contestant = contestant;
    this.process.prependListener('message', ({ wrote }) => wrote && journal?.record(wrote));
  }

  /** Opens the store: with what its constructor called back, and after how many ms. */
  open(options) {
    return this.call('open', { contestant: this.contestant, options });
  }

  /**
   * Runs `work` with such a process, which is ended afterwards.
   *
   * @returns {Promise<*>} what `work` gives
   */
  static async with(contestant, journal, work, options) {
    const child = new StoreProcess(contestant, journal, options);
    try {
      return await work(child);
    } finally {
      await child.stop();
    }
  }
}

module.exports = { StoreProcess };
