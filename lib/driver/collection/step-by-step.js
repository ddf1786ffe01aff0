'use strict';

/**
 * Bulks of writes that are put together step by step. The Node driver makes one only on a client that
 * is connected, and `initializeOrderedBulkOp()` cannot wait for that. So the steps are kept, and taken
 * on the Node driver's bulk when it is executed.
 */

class StepByStep {
  #make;
  #steps = [];

  /** @param {function(): Promise<object>} make gives the Node driver's bulk */
  constructor(make) {
    this.#make = make;
  }

  /** How many writes there are. */
  get length() {
    return this.#steps.length;
  }

  insert(document) {
    this.#steps.push((bulk) => bulk.insert(document));
    return this;
  }

  raw(operation) {
    this.#steps.push((bulk) => bulk.raw(operation));
    return this;
  }

  /** @returns {Found} takes what is to be done with what matches */
  find(selector) {
    return new Found(selector, (step) => {
      this.#steps.push(step);
      return this;
    });
  }

  /** @returns {Promise<BulkWriteResult>} the Node driver's */
  async execute(options) {
    const bulk = await this.#make();
    for (const step of this.#steps) step(bulk);
    return bulk.execute(options);
  }
}

/** What `bulk.find()` returns. */
class Found {
  constructor(selector, addStep) {
    Object.defineProperty(this, 's', { value: { selector, addStep, settings: [] } });
  }
}

/** Returns itself, with one more setting. */
for (const name of ['upsert', 'collation', 'hint', 'arrayFilters']) {
  Found.prototype[name] = function set(...given) {
    this.s.settings.push([name, given]);
    return this;
  };
}

/** Ends the step; returns the bulk. */
for (const name of ['update', 'updateOne', 'replaceOne', 'delete', 'deleteOne']) {
  Found.prototype[name] = function end(...given) {
    const { selector, addStep, settings } = this.s;
    return addStep((bulk) => {
      [...settings, [name, given]].reduce((found, [method, parameters]) => found[method](...parameters), bulk.find(selector));
    });
  };
}

module.exports = { StepByStep };
