'use strict';

/** Who is told of an operation besides its caller: statistics, `DEBUG`, diagnostics channels, listeners. */

const { performance } = require('perf_hooks');
const debug = require('./debug');
const diagnostics = require('./diagnostics');
const { NUMBERS } = require('./stats');

// Taken at once: fake timers of test frameworks replace them.
const { nextTick } = process;
const now = performance.now.bind(performance);

const debugging = debug.isAskedFor(process.env.DEBUG);

/** What listeners hear of an operation, under the names that connect-mongo gave it. */
const EVENTS = { set: ['create', 'update', 'set'], touch: ['touch'], destroy: ['destroy'] };

function isHeard(store, operation) {
  return Object.hasOwn(EVENTS, operation) && EVENTS[operation].some((event) => store.listenerCount(event) > 0);
}

/** One operation, from its call to its end. */
class Observation {
  constructor(store, operation, id, session) {
    this.store = store;
    this.operation = operation;
    this.id = id;
    this.session = session;
    this.message = diagnostics.isWatched() ? diagnostics.begin(store, operation, id) : null;
    if (!store.client.native.closed) diagnostics.tellCommands(store);
    store[NUMBERS].pending++;
    this.started = now();
  }

  /** The method that was called returns. */
  called() {
    if (this.message !== null) diagnostics.called(this.message);
  }

  /**
   * @param {undefined|null|Error} error the driver's
   * @param {boolean} [created] whether the session was not there before
   */
  end(error, created) {
    const { store, operation, id } = this;
    const ms = now() - this.started;
    store[NUMBERS].pending--;
    store[NUMBERS].add(operation, ms, Boolean(error));
    if (debugging) debug.log(operation, id, ms, error);
    if (this.message !== null) diagnostics.finish(this.message, ms, error);
    if (!error && isHeard(store, operation)) this.tell(created);
  }

  /** Ticks of their own: what a listener throws is its own uncaught exception. */
  tell(created) {
    const { store, operation, id, session } = this;
    if (operation === 'set') nextTick(() => store.emit(created ? 'create' : 'update', id));
    if (operation === 'touch') nextTick(() => store.emit('touch', id, session));
    else for (const one of [].concat(id)) nextTick(() => store.emit(operation, one));
  }
}

module.exports = { Observation };
