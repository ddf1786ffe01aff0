'use strict';

/** What is thrown for options that cannot be used. */

/** One option that cannot be cast. */
class ValidatorError extends Error {}
ValidatorError.prototype.name = 'ValidatorError';

/** All options that cannot be cast. */
class CastError extends Error {
  /** @param {Object<string, Error>} errors by option */
  constructor(errors) {
    super(Object.keys(errors).map((name) => `${name}: ${errors[name].message}`).join(', '));
    this.errors = errors;
  }
}
CastError.prototype.name = 'CastError';

/**
 * @param {*} cause what reading the option threw: a getter, a `toString` or a Proxy of the application's
 * @returns {ValidatorError} without the cause's message, which may be anything
 */
function unreadable(cause) {
  return Object.assign(new ValidatorError('the value cannot be read: it, or something in it, threw an error'), { cause });
}

module.exports = { CastError, ValidatorError, unreadable };
