'use strict';

/** Sessions that are remembered, at least: some megabytes. */
const REMEMBERED = 50_000;

/**
 * What was noted last, by a text. Two generations: when the younger one is full, it becomes the older one, and what
 * that one held is forgotten.
 */
class LastNoted {
  #young = new Map();
  #old = new Map();
  #limit;

  /** @param {number} [limit] of the last notes that are known at least; up to twice as many are */
  constructor(limit = REMEMBERED) {
    this.#limit = limit;
  }

  note(key, value) {
    if (this.#young.get(key) === value) return;
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  /** @returns {*} undefined where nothing was noted, or it was long ago */
  get(key) {
    return this.#young.get(key) ?? this.#old.get(key);
  }
}

/**
 * With the option `watch`: the ids of the sessions that this store has read or written last, by what a change stream
 * knows of them. That is the stored id where ids are hashed or transformed, and the document's `_id` where the id
 * stands in another field.
 */
class MetSessions {
  #idsOf;
  #byStoredId = new LastNoted();
  #byKey = new LastNoted();
  /** Sessions that are stored under the id that the first secret gives. */
  #moved = new LastNoted();

  /** @param {null|function(string): string[]} idsOf as `storedIdsOf` gives it */
  constructor(idsOf) {
    this.#idsOf = idsOf;
  }

  /** @returns {function(string): string[]} the same, which notes whose ids it gives */
  noting(idsOf) {
    return (id) => {
      const storedIds = idsOf(id);
      for (const storedId of storedIds) this.#byStoredId.note(storedId, id);
      return storedIds;
    };
  }

  /**
   * A document was read.
   *
   * @param {*} key its `_id`
   * @param {string} storedId
   */
  read(key, storedId) {
    this.#byKey.note(String(key), storedId);
  }

  /** @returns {Array} the sessions' own ids of stored ones, where they are known */
  ownIds(storedIds) {
    return this.#idsOf === null ? storedIds : storedIds.map((storedId) => this.#byStoredId.get(storedId) ?? storedId);
  }

  /**
   * Which session a change is about.
   *
   * @param {string} event
   * @param {undefined|string} streamed the stored id, if the stream has it
   * @param {*} key the document's `_id`
   * @returns {null|{id: string, storedId: undefined|string}} `id` is the session's own if that is known, else the stored
   *   one, else the document's key as text; null for the end of a document whose session has moved to another one
   */
  of(event, streamed, key) {
    const storedId = streamed ?? this.#byKey.get(String(key));
    if (storedId === undefined) return { id: String(key), storedId };
    if (this.#idsOf === null) return { id: storedId, storedId };
    const id = this.#byStoredId.get(storedId);
    if (id === undefined) return { id: storedId, storedId };
    const [current, ...earlier] = this.#idsOf(id);
    if (earlier.length > 0) {
      if (storedId === current) this.#moved.note(id, event === 'create' || event === 'update');
      else if ((event === 'destroy' || event === 'expire') && this.#moved.get(id)) return null;
    }
    return { id, storedId };
  }
}

module.exports = { LastNoted, MetSessions };
