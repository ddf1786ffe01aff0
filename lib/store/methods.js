'use strict';

/** The methods of `MongoDBStore`; `index.d.ts` documents them. */

const { lazy } = require('../lazy');
const { internalsOf } = require('./internals');
const { perform } = require('./perform');
const { doing } = require('./report');
const { isArray, shown } = require('./values');

// The class is made before a store is opened, which is when these are loaded (`own-client.js`).
const liveSessions = lazy(() => require('./backend/live-sessions'));
const messages = lazy(() => require('./backend/messages'));
const expiry = lazy(() => require('./session/expiry'));
const users = lazy(() => require('./users'));

/**
 * @typedef {object} Method how a call of one of the store's methods goes
 * @property {string} name
 * @property {function(Error, *, *): string} doing what was being done, for an error's message; gets the arguments too
 * @property {function(Internals, function(Error=, *=): void, *, *): void} start gets the arguments behind `done`; may
 *   throw
 * @property {function(*): *} [result] what the caller gets of what `done` got; nothing by default
 * @property {boolean} [plain] whether errors are given as they are, without what was being done, and a callback gets null
 *   where there is none
 * @property {function(MongoDBStore, *, *): void} [announce] tells listeners of a success; gets the first argument and the
 *   result, and must not throw
 */

/** @type {Method} */
const GET = {
  name: 'get',
  doing: (error, id) => (liveSessions().isOfDestroying(error) ? doing.destroying(id) : doing.finding(id)),
  start({ backend }, done, id) {
    checkId(id);
    backend.get(id, done);
  },
  result: (found) => found?.session
};

/** @type {Method} */
const SET = {
  name: 'set',
  doing: (error, id, session) => doing.setting(id, session),
  start({ backend, options }, done, id, session) {
    checkId(id);
    const { Save } = messages();
    backend.write(id, new Save(session, options), done);
  }
};

/**
 * @param {number} lifetimeMs
 * @returns {Method} a `set` of a session that expires after that time, whatever its cookie says
 */
function setFor(lifetimeMs) {
  return {
    ...SET,
    start({ backend, options }, done, id, session) {
      checkId(id);
      const { Save } = messages();
      const save = new Save(session, options);
      save.expires = expiry().expiryAfter(lifetimeMs);
      backend.write(id, save, done);
    }
  };
}

/** @type {Method} */
const TOUCH = {
  name: 'touch',
  doing: (error, id) => doing.touching(id),
  start({ backend, options }, done, id, session) {
    checkId(id);
    const { Renewal } = messages();
    backend.touch(id, new Renewal(session, options), done);
  }
};

/** @type {Method} */
const DESTROY = {
  name: 'destroy',
  doing: (error, id) => doing.destroying(id),
  start({ backend }, done, id) {
    checkId(id);
    backend.destroy(id, undefined, done);
  }
};

/** @type {Method} */
const DESTROY_SEVERAL = {
  name: 'destroy',
  doing: doing.destroyingSome,
  start({ backend }, done, ids) {
    // Before any is deleted.
    for (const id of ids) checkId(id);
    const { whenAll } = require('./backend/several');
    whenAll(ids, (id, ended) => backend.destroy(id, undefined, ended), done);
  }
};

/** @type {Method} */
const DESTROY_WHERE = {
  ...onAll('destroyWhere', doing.destroyingSome, (internals, filter) => destroyWhere(internals, filter)),
  result: same
};

const CLEAR = onAll('clear', doing.clearing, ({ backend }) => backend.clear());
const CLOSE = onAll('close', doing.closing, (internals) => internals.close());
const ALL = { ...onAll('all', doing.gathering, ({ backend }) => backend.all()), result: same };
const LENGTH = { ...onAll('length', doing.counting, ({ backend }) => backend.length()), result: same };
const IDS = { ...onAll('ids', doing.listing, ({ backend }) => backend.ids()), result: same };

/**
 * @param {string} name
 * @param {function(): string} describe what was being done
 * @param {function(Internals, *): Promise<*>} work
 * @returns {Method} one that is not about one session
 */
function onAll(name, describe, work) {
  const start = (internals, done, argument) => {
    work(internals, argument).then((result) => done(null, result), done);
  };
  return { name, doing: describe, start };
}

function destroyWhere({ backend, options }, filter) {
  const checked = require('./filter').checkedFilter(filter);
  require('./reachable').checkReachable('destroyWhere', checked, options);
  return backend.destroyWhere(checked);
}

function same(value) {
  return value;
}

/** @throws {TypeError} for whatever is no string: an object might be a query operator */
function checkId(id) {
  if (typeof id === 'string') return;
  const type = id === null ? 'null' : isArray(id) ? 'an array' : `a value of type ${typeof id}`;
  throw new TypeError(`the session id must be a string; got ${type} (${shown(id, { depth: 0, maxStringLength: 40 })})`);
}

/** The filter for a session; the original's, which derived classes know. */
function generateQuery(id) {
  return { [internalsOf(this).options.idField]: id };
}

const methods = {
  get(id, callback) {
    return perform(this, GET, callback, id);
  },

  set(id, session, callback) {
    return perform(this, SET, callback, id, session);
  },

  touch(id, session, callback) {
    return perform(this, TOUCH, callback, id, session);
  },

  destroy(id, callback) {
    return perform(this, isArray(id) ? DESTROY_SEVERAL : DESTROY, callback, id);
  },

  destroyWhere(filter, callback) {
    return perform(this, DESTROY_WHERE, callback, filter);
  },

  sessionsOf(user, options, callback) {
    const { SESSIONS_OF, ask } = users();
    if (typeof options === 'function') return perform(this, SESSIONS_OF, options, ask(this, user, undefined));
    return perform(this, SESSIONS_OF, callback, ask(this, user, options));
  },

  destroyUser(user, options, callback) {
    const { DESTROY_USER, ask } = users();
    if (typeof options === 'function') return perform(this, DESTROY_USER, options, ask(this, user, undefined));
    return perform(this, DESTROY_USER, callback, ask(this, user, options));
  },

  find(filter, options) {
    return require('./find').find(this, filter, options);
  },

  clear(callback) {
    return perform(this, CLEAR, callback);
  },

  all(callback) {
    return perform(this, ALL, callback);
  },

  length(callback) {
    return perform(this, LENGTH, callback);
  },

  ids(callback) {
    return perform(this, IDS, callback);
  },

  close(callback) {
    return perform(this, CLOSE, callback);
  },

  stats() {
    const { native, stats } = internalsOf(this);
    return { ...stats.snapshot(), ...native.stats() };
  },

  _generateQuery: generateQuery
};

module.exports = { ALL, CLEAR, CLOSE, DESTROY, DESTROY_SEVERAL, DESTROY_WHERE, GET, IDS, LENGTH, SET, TOUCH, generateQuery, methods, setFor };
