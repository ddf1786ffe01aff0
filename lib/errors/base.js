'use strict';

/**
 * The root of the error classes. Names, members and inheritance are the Node driver's, so that what
 * applications check (`name`, `code`, `hasErrorLabel()`, `instanceof` on the exported classes) holds.
 */
class MongoError extends Error {
  /**
   * @param {string} message
   * @param {{cause?: *}} [options]
   */
  constructor(message, options) {
    super(message, options);
    this.errorLabelSet = new Set();
  }

  get name() {
    return 'MongoError';
  }

  /** The message under the server's name for it. */
  get errmsg() {
    return this.message;
  }

  /** @returns {string[]} e.g. `['RetryableWriteError']` */
  get errorLabels() {
    return Array.from(this.errorLabelSet);
  }

  /** @param {string} label */
  hasErrorLabel(label) {
    return this.errorLabelSet.has(label);
  }

  /** @param {string} label */
  addErrorLabel(label) {
    this.errorLabelSet.add(label);
  }
}

/**
 * Makes an error class that is nothing but a name under a parent.
 *
 * @param {string} name
 * @param {Function} Parent
 * @param {string} [fallback] the message when none is given
 * @returns {Function}
 */
function errorClass(name, Parent, fallback) {
  const Class = class extends Parent {
    constructor(message = fallback, options = undefined) {
      super(message, options);
    }

    get name() {
      return name;
    }
  };
  Object.defineProperty(Class, 'name', { value: name });
  return Class;
}

module.exports = { MongoError, errorClass };
