'use strict';

const { inspect } = require('util');
const { withBriefCause } = require('../errors/brief-cause');
const { shown } = require('./values');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

/** A session in an error message takes no more characters than this. */
const MAX_INSPECTED = 2000;

/** What an operation on the session `id` says it was doing. */
const doing = {
  finding: (id) => `Error finding ${show(id)}`,
  setting: (id, session) => `Error setting ${show(id)} to ${inspectSession(session)}`,
  touching: (id) => `Error touching ${show(id)}`,
  destroying: (id) => `Error destroying ${show(id)}`,
  clearing: () => 'Error clearing all sessions',
  gathering: () => 'Error gathering sessions',
  counting: () => 'Error counting sessions',
  listing: () => 'Error listing session ids',
  destroyingSome: () => 'Error destroying sessions',
  removing: () => 'Error removing expired sessions',
  closing: () => 'Error closing the store',
  connecting: () => 'Error connecting to db',
  indexing: () => 'Error creating index',
  watching: () => 'Error watching sessions'
};

function show(id) {
  return typeof id === 'string' ? id : shown(id, { depth: 1, maxStringLength: 100, maxArrayLength: 10 });
}

function inspectSession(session) {
  let text;
  try {
    text = inspect(session);
  } catch {
    // A getter or a custom inspect of the application's threw.
    text = Object.prototype.toString.call(session);
  }
  return text.length <= MAX_INSPECTED ? text : `${text.slice(0, MAX_INSPECTED)}… (${text.length} characters)`;
}

/**
 * The error an application gets.
 *
 * @param {string} context what was being done
 * @param {Error} cause what the driver, or a check, said
 * @param {string} [note] what to add to that
 * @returns {Error} a TypeError where the cause is one; a log shows its cause as one line
 */
function storeError(context, cause, note = '') {
  const Class = cause instanceof TypeError ? TypeError : Error;
  return withBriefCause(new Class(`${context}: ${cause.message}${note}`, { cause }));
}

/**
 * Gives an error to `error` listeners, then to the caller, each in a tick of its own: what one
 * of them throws is an uncaught exception of its own and keeps nothing from the other.
 *
 * @param {EventEmitter} store
 * @param {Error} error
 * @param {function(Error, boolean): void} next gets the error, and whether a listener got it
 */
function report(store, error, next) {
  nextTick(() => {
    // Asked only now: a listener added with `once` is gone after the first of several errors.
    const heard = store.listenerCount('error') > 0;
    nextTick(next, error, heard);
    if (heard) store.emit('error', error);
  });
}

module.exports = { doing, report, storeError };
