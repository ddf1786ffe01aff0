'use strict';

/**
 * Tells of servers that go away and come back: `disconnected`, `reconnected`; with `degrade: true` also
 * `disconnect` and `connect`, on which express-session lets requests go on without a session.
 */

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

/**
 * Begins to watch, and goes on until the client is closed.
 *
 * @param {MongoDBStore} store
 * @param {boolean} connected whether it is, as far as anybody was told
 */
function watchConnectivity(store, connected) {
  const { native } = store.client;
  const { generation } = native;
  let available = connected;
  const watch = () => {
    if (store.lifetime.over || native.closed || native.generation !== generation) return;
    native.watch(available, (error, now) => {
      if (error || native.generation !== generation) return;
      available = now;
      tell(store, now);
      watch();
    });
  };
  watch();
}

/** Ticks of their own: what a listener throws is its own uncaught exception. */
function tell(store, available) {
  const events = available ? ['reconnected'] : ['disconnected'];
  if (store.options.degrade) events.push(available ? 'connect' : 'disconnect');
  for (const event of events) nextTick(() => store.emit(event));
}

/** The first connection failed: nobody was told of a connection, but requests need not wait for one. */
function beginDegraded(store) {
  nextTick(() => store.emit('disconnect'));
  watchConnectivity(store, false);
}

module.exports = { beginDegraded, watchConnectivity };
