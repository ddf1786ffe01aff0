'use strict';

/** Who hears of an operation besides its caller: statistics, `DEBUG`, diagnostics channels, listeners. */

const { performance } = require('perf_hooks');
const debug = require('./debug');
const diagnostics = require('./diagnostics');

// Taken at once: fake timers of test frameworks replace them.
const { nextTick } = process;
const now = performance.now.bind(performance);

const debugging = debug.isAskedFor(process.env.DEBUG);

/** What listeners hear of an operation, under the names that connect-mongo gave it. */
const EVENTS = { set: ['create', 'update', 'set'], touch: ['touch'], destroy: ['destroy'] };

function isHeard(store, operation) {
  return Object.hasOwn(EVENTS, operation) && EVENTS[operation].some((event) => store.listenerCount(event) > 0);
}

/**
 * Tells listeners of sessions, in ticks of their own: what a listener throws is its own uncaught exception.
 *
 * @param {MongoDBStore} store
 * @param {string} event
 * @param {string[]} ids
 */
function tellOf(store, event, ids) {
  for (const id of ids) nextTick(() => store.emit(event, id));
}

/** One operation, from its call to its end. */
class Observation {
  /**
   * @param {MongoDBStore} store
   * @param {Internals} internals of the store
   * @param {string} operation the method's name
   * @param {string|string[]|*} id of the session, or of several
   * @param {object} [session]
   */
  constructor(store, internals, operation, id, session) {
    this.store = store;
    this.stats = internals.stats;
    this.operation = operation;
    this.id = id;
    this.session = session;
    this.message = diagnostics.isWatched() ? diagnostics.begin(internals, operation, id) : null;
    diagnostics.publishCommands(internals);
    this.stats.pending++;
    this.started = now();
  }

  /** The method that was called returns. */
  called() {
    if (this.message !== null) diagnostics.called(this.message);
  }

  /**
   * @param {undefined|null|Error} error the driver's
   * @param {*} [created] after a `set`, whether the session was not there before
   * @param {boolean} [expired] after a `get`, whether there was a session that had expired
   */
  end(error, created, expired) {
    const { stats, operation, id } = this;
    const ms = now() - this.started;
    stats.pending--;
    stats.add(operation, ms, Boolean(error));
    if (debugging) debug.log(operation, id, ms, error);
    if (this.message !== null) diagnostics.finish(this.message, ms, error);
    if (!error && expired) tellOf(this.store, 'expire', [id]);
    if (!error && isHeard(this.store, operation)) this.tell(created);
  }

  /** Ticks of their own: what a listener throws is its own uncaught exception. */
  tell(created) {
    const { store, operation, id, session } = this;
    if (operation === 'set') nextTick(() => store.emit(created ? 'create' : 'update', id));
    if (operation === 'touch') nextTick(() => store.emit('touch', id, session));
    else tellOf(store, operation, [].concat(id));
  }
}

module.exports = { Observation, tellOf };
