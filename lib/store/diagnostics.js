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
const all = Object.values(channels);

/** @returns {boolean} whether anybody listens */
function isWatched() {
  return all.some((each) => each.hasSubscribers);
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

module.exports = { begin, called, finish, isWatched };
