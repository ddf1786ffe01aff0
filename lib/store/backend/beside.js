'use strict';

const { endSessions } = require('../end-sessions');
const { fieldAt } = require('../session/expiry');
const { newEnd } = require('../session/ends');
const { SINCE, sameUser, storedUsersOf, userFieldOf, userOf } = require('../session/user');
const { isObject } = require('../values');
const { Layer } = require('./layer');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

/** More sessions of one user than this are not ended by one login. */
const MAX_SURPLUS = 1000;

/** What is known of a session object: as it was read, or saved last. */
class Known {
  /** Whose it is, as it is stored. */
  user = undefined;
  /** When it ends, if lifetimes are limited. @type {undefined|Date} */
  ends = undefined;
}

/**
 * The options `user`, `maxSessionsPerUser` and `maxLifetime`: what is stored beside a session with every save.
 *
 * Who logs in, and how long a session may live, is known by the session object, as in `remembered/`. An object that was
 * never seen before is a new session; if the session is not new at all, the server keeps the end that it has stored.
 */
class Beside extends Layer {
  /** Private: an inspection of a store shows no users. */
  #known = new WeakMap();
  #options;
  #userField;
  #storedUsers;
  #tellEnded;

  /**
   * @param {Layer} inner
   * @param {object} options of the store
   * @param {function(string[]): void} tellEnded called with the stored ids of sessions that were ended because there
   *   were too many; must not throw and must not run user code
   */
  constructor(inner, options, tellEnded) {
    super(inner);
    this.#options = options;
    this.#tellEnded = tellEnded;
    this.#userField = userFieldOf(options);
    this.#storedUsers = this.#userField === undefined ? undefined : storedUsersOf(options);
  }

  /** express-session makes its session object from what `get` gave. */
  handOver(data, session) {
    const known = this.#known.get(data);
    if (known !== undefined && isObject(session)) this.#known.set(session, known);
  }

  /** A session is replaced by another one that is to end when it would have ended. */
  keepEnd(before, after) {
    const ends = this.#known.get(before)?.ends;
    if (ends !== undefined && isObject(after)) this.#of(after).ends = ends;
  }

  #of(session) {
    if (!isObject(session)) return new Known();
    let known = this.#known.get(session);
    if (known === undefined) this.#known.set(session, known = new Known());
    return known;
  }

  get(id, done) {
    this.inner.get(id, (error, found, expired) => {
      if (found) {
        const known = this.#of(found.session);
        known.user = this.#userField === undefined ? undefined : fieldAt(found.document, this.#userField);
        known.ends = found.ends;
      }
      done(error, found, expired);
    });
  }

  write(id, save, done) {
    const known = this.#of(save.session);
    const ends = this.#endOf(known);
    save.beside = { ...(ends !== undefined && { ends }) };
    if (this.#userField === undefined) return this.inner.write(id, save, done);
    const users = this.#usersOf(save.session);
    const logsIn = this.#note(save.beside, users?.[0], known.user);
    this.inner.write(id, save, (error, created) => {
      if (!error) known.user = users?.[0];
      if (error || !logsIn) done(error, created);
      // Behind the events, which have ticks of their own.
      else this.#endSurplus(users).then(() => nextTick(done, null, created), (failure) => done(failure, created));
    });
  }

  /** @returns {undefined|Array} whose a session is, by all the values that this may be stored as */
  #usersOf(session) {
    const user = userOf(session, this.#options);
    return user === undefined ? undefined : this.#storedUsers(user);
  }

  /**
   * Notes what is to be stored of a session's user.
   *
   * @returns {boolean} whether there may be too many sessions of the user then
   */
  #note(beside, user, before) {
    const isLimited = this.#options.maxSessionsPerUser !== undefined;
    if (user === undefined) {
      beside.unset = { [this.#userField]: '', ...(isLimited && { [SINCE]: '' }) };
      return false;
    }
    beside.set = { [this.#userField]: user };
    if (!isLimited || sameUser(user, before)) return false;
    beside.dated = { [SINCE]: true };
    return true;
  }

  /**
   * Ends the sessions in which the user has been logged in for longest, down to as many as there may be. Whoever counts
   * them, by the server's clock and the id, comes to the same. So two logins at once do not end each
   * other.
   */
  async #endSurplus(users) {
    const { idField, maxSessionsPerUser } = this.#options;
    const ofUser = { [this.#userField]: { $in: users } };
    const newestFirst = { [SINCE]: -1, [idField]: -1 };
    const ids = await this.inner.idsWhere(this.inner.live(ofUser), {
      sort: newestFirst, skip: maxSessionsPerUser, limit: MAX_SURPLUS, readPreference: 'primary'
    });
    if (ids.length === 0) return;
    const { gone } = await endSessions(this.inner, idField, ofUser, ids);
    this.#tellEnded(gone);
  }

  touch(id, renewal, done) {
    renewal.ends = this.#endOf(this.#of(renewal.session));
    this.inner.touch(id, renewal, done);
  }

  #endOf(known) {
    if (this.#options.maxLifetime === undefined) return undefined;
    known.ends ??= newEnd(this.#options);
    return known.ends;
  }

  /** @returns {object} a filter that matches the sessions of a user */
  ofUser(user) {
    return { [this.#userField]: { $in: this.#storedUsers(user) } };
  }
}

module.exports = { Beside };
