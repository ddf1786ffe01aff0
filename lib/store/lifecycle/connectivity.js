'use strict';

/**
 * The events of servers that go away and come back: `disconnected`, `reconnected`; with `degrade: true` also
 * `disconnect` and `connect`, on which express-session lets requests go on without a session.
 */

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

/**
 * Begins to watch, and goes on until the client is closed, or nobody has the store any more.
 *
 * @param {MongoDBStore} store
 * @param {Internals} internals of the store
 * @param {boolean} connected whether listeners believe that it is connected
 */
function watchConnectivity(store, internals, connected) {
  watch(new WeakRef(store), new WeakRef(internals), internals.client.native.generation, connected);
}

/**
 * The background thread keeps the callback until something changes, which may be never. What it keeps, it keeps alive:
 * so the callback has the store in weak references only, and is made where nothing else knows the store.
 */
function watch(store, internals, generation, available) {
  const its = internals.deref();
  const { client: { native }, over } = its;
  its.available = available;
  if (over || native.closed || native.generation !== generation) return;
  native.watch(available, onChange(store, internals, generation));
}

function onChange(held, heldInternals, generation) {
  return (error, available) => {
    const [store, internals] = [held.deref(), heldInternals.deref()];
    if (error || store === undefined || internals.client.native.generation !== generation) return;
    tell(store, internals, available);
    watch(held, heldInternals, generation, available);
  };
}

/** Ticks of their own: what a listener throws is its own uncaught exception. */
function tell(store, { options }, available) {
  const events = available ? ['reconnected'] : ['disconnected'];
  if (options.degrade) events.push(available ? 'connect' : 'disconnect');
  for (const event of events) nextTick(() => store.emit(event));
}

/** The first connection failed: listeners heard of none that they could lose, but requests need not wait for one. */
function beginDegraded(store, internals) {
  nextTick(() => store.emit('disconnect'));
  watchConnectivity(store, internals, false);
}

module.exports = { beginDegraded, watchConnectivity };
