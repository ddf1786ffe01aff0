'use strict';

const { endOf } = require('../session/ends');
const { dateAt, fieldAt } = require('../session/expiry');
const { liveFilter } = require('../session/live-filter');
const { isEncrypted, sessionOf } = require('../session/read');
const { Layer } = require('./layer');
const { goOn, named } = require('./several');

/** Errors of deleting what had expired, rather than of reading it. */
const destroying = new WeakSet();

/** From documents to sessions: one that has expired is not there, and goes when somebody asks for it. */
class LiveSessions extends Layer {
  #options;
  #met;

  /**
   * @param {Layer} inner
   * @param {object} options of the store
   * @param {undefined|MetSessions} met hears which document a session is in, where its id is not the document's
   */
  constructor(inner, options, met) {
    super(inner);
    this.#options = options;
    this.#met = options.idField === '_id' ? undefined : met;
  }

  get(id, done) {
    this.inner.get(id, (error, found) => {
      if (error) return done(error);
      if (!found) return done(null, undefined);
      this.#met?.read(found.document._id, id);
      this.#date(found);
      if (isPast(found.expires) || isPast(found.ends)) return this.#destroyStale(id, found.expires, done);
      try {
        found.session = sessionOf(found.document, this.#options);
      } catch (malformed) {
        return done(malformed);
      }
      found.id = id;
      done(null, found);
    });
  }

  #date(found) {
    found.expires = dateAt(found.document, this.#options.expiresKey);
    found.ends = endOf(found.document, this.#options);
  }

  /** Deletes an expired session unless it was renewed since it was read. */
  #destroyStale(id, expires, done) {
    goOn((ended) => this.inner.destroy(id, expires, ended), (error) => {
      if (error instanceof Error) destroying.add(error);
      done(error, undefined, true);
    });
  }

  /** Only sessions that are live. */
  async * find(filter, options) {
    const { idField } = this.#options;
    for await (const found of this.inner.find(this.live(filter), options)) {
      this.#date(found);
      found.id = fieldAt(found.document, idField);
      try {
        found.session = sessionOf(found.document, this.#options);
      } catch (error) {
        throw named(error, found.id);
      }
      yield found;
    }
  }

  /** @returns {object} a filter that matches live sessions only */
  live(filter) {
    const live = liveFilter(this.#options);
    return Object.keys(filter).length === 0 ? live : { $and: [filter, live] };
  }

  async all() {
    const documents = await this.inner.all();
    return documents.map((document) => this.#withSession(document));
  }

  #withSession(document) {
    const { session } = document;
    const { serialize, unserialize } = this.#options;
    if (typeof session !== 'string' && !isEncrypted(session) && serialize === undefined && unserialize === undefined) return document;
    try {
      return { ...document, session: sessionOf(document, this.#options) };
    } catch (error) {
      throw named(error, fieldAt(document, this.#options.idField));
    }
  }
}

/** @param {undefined|Date} date */
function isPast(date) {
  return date !== undefined && Date.now() >= date.getTime();
}

/** @returns {boolean} whether a `get` failed only when the expired session that it found was to be deleted */
function isOfDestroying(error) {
  return destroying.has(error);
}

module.exports = { LiveSessions, isOfDestroying };
