'use strict';

/** The methods about all sessions of one user: `sessionsOf` and `destroyUser`. */

const { endSessions } = require('./end-sessions');
const { described } = require('./find');
const { brief, isPlain } = require('./filter');
const { tellOf } = require('./observe/observation');
const { doing } = require('./report');
const { checkUser } = require('./session/user');
const { isArray } = require('./values');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

/** What the options of both take. */
const OPTIONS = ['except', 'only'];

/** @type {Method} */
const SESSIONS_OF = {
  name: 'sessionsOf',
  doing: doing.gathering,
  start(internals, done, asked) {
    listed(internals, asked).then((sessions) => done(null, sessions), done);
  },
  result: (sessions) => sessions
};

/** @type {Method} */
const DESTROY_USER = {
  name: 'destroyUser',
  doing: doing.destroyingSome,
  start(internals, done, asked) {
    // Behind the events, which have ticks of their own.
    ended(internals, asked).then((count) => nextTick(done, null, count), done);
  },
  result: (count) => count
};

/**
 * What is asked, as one argument that is no text: those who hear of operations would take a text for a session's id.
 *
 * @param {MongoDBStore} store
 * @param {*} user
 * @param {*} options
 * @returns {{store: MongoDBStore, user: *, options: *}}
 */
function ask(store, user, options) {
  return { store, user, options };
}

async function listed({ backend, beside, options }, asked) {
  const filter = filterOf('sessionsOf', backend, beside, options, asked);
  const sessions = [];
  for await (const found of backend.find(filter, {})) sessions.push(described(found));
  return sessions;
}

/** Expired sessions too, as long as MongoDB has them: a request that is under way may renew one. */
async function ended({ backend, beside, met, options }, asked) {
  const { store } = asked;
  const filter = filterOf('destroyUser', backend, beside, options, asked);
  if (store.listenerCount('destroy') === 0) return backend.destroyWhere(filter);
  const ids = await backend.idsWhere(filter, { readPreference: 'primary' });
  if (ids.length === 0) return 0;
  const { count, gone } = await endSessions(backend, options.idField, filter, ids);
  tellOf(store, 'destroy', met === undefined ? gone : met.ownIds(gone));
  return count;
}

/** @returns {object} a filter that matches the sessions that are asked for */
function filterOf(method, backend, beside, { user, idField }, { user: asked, options }) {
  if (user === undefined) throw new TypeError(`${method} needs the option user of the store, which says whose a session is`);
  checkUser(asked);
  const { except, only } = checkedOptions(method, options);
  const filter = beside.ofUser(asked);
  if (except === undefined && only === undefined) return filter;
  const ids = {};
  if (except !== undefined) ids.$nin = except.flatMap((id) => backend.storedIds(id));
  if (only !== undefined) ids.$in = only;
  return { ...filter, [idField]: ids };
}

function checkedOptions(method, given = {}) {
  if (!isPlain(given)) throw new TypeError(`the options of ${method} must be an object such as { except: req.sessionID }; got ${brief(given)}`);
  const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
  // Rather than ignored: one that is misspelt would end the session that was to stay.
  if (unknown !== undefined) throw new TypeError(`${method} has no option "${unknown}"; it takes except and only`);
  const checked = {};
  for (const name of OPTIONS) if (Object.hasOwn(given, name)) checked[name] = checkedIds(method, name, given[name]);
  return checked;
}

function checkedIds(method, name, given) {
  const ids = isArray(given) ? given : [given];
  if (ids.every((id) => typeof id === 'string')) return ids;
  throw new TypeError(`the option ${name} of ${method} must be a session id (a string), or an array of them; got ${brief(given)}`);
}

module.exports = { DESTROY_USER, SESSIONS_OF, ask };
