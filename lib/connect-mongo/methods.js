'use strict';

/**
 * The methods of a store, as connect-mongo's users know them: `null` for no session, sessions from `all`, errors as the
 * driver made them, and the events `get` and `all`.
 */

const stores = require('../store/methods');
const { perform } = require('../store/perform');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

const ignore = () => {};

/** @type {import('../store/methods').Method} */
const GET = {
  ...stores.GET,
  plain: true,
  result: (found) => found?.session ?? null,
  announce: (store, id) => announce(store, 'get', id)
};

/** @type {import('../store/methods').Method} */
const SET = {
  ...stores.SET,
  plain: true,
  start(internals, done, id, session) {
    // `get` puts it there; it is no part of the session.
    if (internals.options.touchAfterModified > 0 && session?.lastModified) delete session.lastModified;
    stores.SET.start(internals, done, id, session);
  }
};

/** @type {import('../store/methods').Method} */
const ALL = {
  ...stores.ALL,
  plain: true,
  result: (documents) => documents.map(({ session }) => session),
  announce: (store, _, sessions) => announce(store, 'all', sessions)
};

/** A tick of its own: what a listener throws is its own uncaught exception. */
function announce(store, event, value) {
  if (store.listenerCount(event) > 0) nextTick(() => store.emit(event, value));
}

/** Without a callback connect-mongo lets nobody know of an error; here whoever awaits the promise gets it. */
function quietly(promise) {
  promise?.catch(ignore);
  return promise;
}

const PLAIN = Object.fromEntries(['TOUCH', 'DESTROY', 'DESTROY_SEVERAL', 'CLEAR', 'LENGTH', 'CLOSE'].map((name) => [name, { ...stores[name], plain: true }]));

const methods = {
  get(id, callback) {
    return quietly(perform(this, GET, callback, id));
  },

  set(id, session, callback) {
    return quietly(perform(this, SET, callback, id, session));
  },

  touch(id, session, callback) {
    return quietly(perform(this, PLAIN.TOUCH, callback, id, session));
  },

  destroy(id, callback) {
    return quietly(perform(this, Array.isArray(id) ? PLAIN.DESTROY_SEVERAL : PLAIN.DESTROY, callback, id));
  },

  all(callback) {
    return quietly(perform(this, ALL, callback));
  },

  length(callback) {
    return quietly(perform(this, PLAIN.LENGTH, callback));
  },

  clear(callback) {
    return quietly(perform(this, PLAIN.CLEAR, callback));
  },

  close(callback) {
    return quietly(perform(this, PLAIN.CLOSE, callback));
  }
};

module.exports = { methods };
