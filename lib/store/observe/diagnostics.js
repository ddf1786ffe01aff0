'use strict';

/**
 * Messages on `diagnostics_channel`, in the form of a TracingChannel `connect-mongodb-session:operation`.
 * The channels are named one by one, because Node 18 may not have TracingChannel.
 */

const { channel } = require('diagnostics_channel');
const { shown } = require('./debug');

const named = (event) => channel(`tracing:connect-mongodb-session:operation:${event}`);
const channels = {
  start: named('start'),
  end: named('end'),
  asyncStart: named('asyncStart'),
  asyncEnd: named('asyncEnd'),
  error: named('error')
};
const commands = channel('connect-mongodb-session:command');
/** The internals of the stores whose commands are published. */
const published = new WeakSet();

/** @returns {boolean} whether anybody listens */
function isWatched() {
  const { start, end, asyncStart, asyncEnd, error } = channels;
  return start.hasSubscribers || end.hasSubscribers || asyncStart.hasSubscribers || asyncEnd.hasSubscribers || error.hasSubscribers;
}

/**
 * An operation begins.
 *
 * @returns {object} its message, which goes with all that follows
 */
function begin({ db, options }, operation, id) {
  const message = { operation, session: shown(id), database: db.databaseName, collection: options.collection };
  channels.start.publish(message);
  return message;
}

/** Its call returns. */
function called(message) {
  channels.end.publish(message);
}

/** It has ended, after `durationMs`. */
function finish(message, durationMs, error) {
  message.durationMs = durationMs;
  if (error) {
    message.error = error;
    channels.error.publish(message);
  }
  channels.asyncStart.publish(message);
  channels.asyncEnd.publish(message);
}

/**
 * From the first operation on that somebody listens, the store's commands are published until nobody does. The store is
 * held weakly: nobody waits for a command that a dropped store will never send.
 *
 * @param {Internals} internals
 */
function publishCommands(internals) {
  if (!commands.hasSubscribers || published.has(internals) || internals.client.native.closed) return;
  published.add(internals);
  const { db: { databaseName: database }, options: { collection } } = internals;
  waitForCommands(new WeakRef(internals), (command) => commands.publish({ ...command, database, collection }));
}

function waitForCommands(held, publish) {
  held.deref().native.nextCommands((error, ended) => {
    const internals = held.deref();
    if (error || !commands.hasSubscribers) return internals && published.delete(internals);
    // A tick of its own: subscribers are the application's.
    process.nextTick(() => ended.forEach(publish));
    if (internals !== undefined && !internals.client.native.closed) waitForCommands(held, publish);
  });
}

module.exports = { begin, called, finish, isWatched, publishCommands };
