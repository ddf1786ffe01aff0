'use strict';

/** What a scenario found about the promises that it tests. */
class Checks {
  constructor() {
    this.list = [];
  }

  /**
   * @param {string} promise what must be so
   * @param {boolean} held whether it was
   * @param {string} detail what was seen, with figures
   */
  add(promise, held, detail) {
    this.list.push({ promise, held: Boolean(held), detail });
  }

  /** @returns {object[]} those that did not hold */
  static broken(checks) {
    return checks.filter(({ held }) => !held);
  }
}

module.exports = { Checks };
