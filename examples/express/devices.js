'use strict';

const crypto = require('node:crypto');

/** What is in a `User-Agent`, in the order in which to look: most name others as well. */
const BROWSERS = [['Edg', 'Edge'], ['OPR', 'Opera'], ['Firefox', 'Firefox'], ['Chrome', 'Chrome'], ['Safari', 'Safari']];
const SYSTEMS = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['Linux', 'Linux']];

/** @returns {string} what a browser calls itself, in words */
function nameOf(userAgent = '') {
  const among = (list) => list.find(([sign]) => userAgent.includes(sign))?.[1];
  const [browser, system] = [among(BROWSERS), among(SYSTEMS)];
  return [browser ?? 'A browser', system && `on ${system}`].filter(Boolean).join(' ');
}

/**
 * The sessions of a user, the one that asks first, then by last use.
 *
 * @param {object} store with the options `user` and `timestamps`
 * @param {string} user
 * @param {string} current the session that asks
 * @returns {Promise<object[]>}
 */
async function devicesOf(store, user, current) {
  const sessions = await store.sessionsOf(user);
  const devices = sessions.map(({ id, session, updated }) => {
    // A session from before the option `timestamps` does not say when it was used.
    const { device: name = nameOf(), since } = session;
    return { handle: handleOf(id), name, since, used: updated ?? since, isCurrent: id === current };
  });
  return devices.sort((a, b) => b.isCurrent - a.isCurrent || b.used - a.used);
}

/** Names a session in a page. Not by its id: who knows that has the session. */
function handleOf(id) {
  return crypto.createHash('sha256').update(id).digest('hex');
}

/** Ends one of the user's sessions; none if the handle names none. */
async function end(store, user, handle) {
  const sessions = await store.sessionsOf(user);
  const ended = sessions.find(({ id }) => handleOf(id) === handle);
  return ended === undefined ? 0 : store.destroyUser(user, { only: ended.id });
}

/** Ends all of the user's sessions but one. */
function endOthers(store, user, current) {
  return store.destroyUser(user, { except: current });
}

module.exports = { devicesOf, end, endOthers, nameOf };
