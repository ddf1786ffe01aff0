'use strict';

/**
 * An error whose cause takes one line where the error is logged. Causes have causes and stacks of their own, and an
 * outage logs an error per request: `console.error(error)` would fill the log with the same frames over and over.
 */

const { inspect } = require('util');

/**
 * @param {Error} error has a `cause`, which stays as it is
 * @returns {Error} the same error; `util.inspect`, `console.error` and Node's report of an uncaught exception show its
 *   cause as one line
 */
function withBriefCause(error) {
  Object.defineProperty(error, inspect.custom, { value: inspectBriefly, writable: true, configurable: true });
  return error;
}

function inspectBriefly(depth, options, inspectValue = inspect) {
  const members = Object.getOwnPropertyDescriptors(this);
  delete members[inspect.custom];
  if (members.cause !== undefined) members.cause.value = { [inspect.custom]: () => lineOf(this.cause) };
  // By value: in some engines the stack is an accessor that works on the error alone.
  members.stack = { value: this.stack, writable: true, configurable: true };
  return inspectValue(Object.create(Object.getPrototypeOf(this), members), options);
}

/** @returns {string} what an error says in one line: its name, its message and its code */
function lineOf(cause) {
  if (!(cause instanceof Error)) return inspect(cause, { depth: 0, breakLength: Infinity });
  const message = String(cause.message).replace(/\s*\n\s*/g, ' ');
  const code = cause.codeName ?? cause.code;
  const shownCode = code === undefined || message.includes(String(code)) ? '' : ` (${code})`;
  return `${cause.name}: ${message}${shownCode}`;
}

module.exports = { withBriefCause };
