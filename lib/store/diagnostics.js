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
/** Stores whose commands are told. */
const told = new WeakSet();

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
function begin(store, operation, id) {
  const { db, options } = store;
  const message = { operation, session: shown(id), database: db?.databaseName, collection: options.collection };
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

/** From the first operation on that somebody listens, the store's commands are told until nobody does. */
function tellCommands(store) {
  if (!commands.hasSubscribers || told.has(store)) return;
  told.add(store);
  const { db, options } = store;
  const next = () => store.native.nextCommands((error, ended) => {
    if (error || !commands.hasSubscribers) return told.delete(store);
    // A tick of its own: subscribers are the application's.
    process.nextTick(() => {
      for (const command of ended) commands.publish({ ...command, database: db.databaseName, collection: options.collection });
    });
    if (!store.client.native.closed) next();
  });
  next();
}

module.exports = { begin, called, finish, isWatched, tellCommands };
