'use strict';

/** The method `find`: sessions that match a filter, read batch by batch as they are asked for. */

const { brief, usableFilter } = require('./filter');
const { internalsOf } = require('./internals');
const { Observation } = require('./observe/observation');
const { opening } = require('./perform');
const { checkReachable, checkSortable } = require('./reachable');
const { doing, report, storeError } = require('./report');
const { dateAt } = require('./session/expiry');
const { isArray } = require('./values');

const OPTIONS = ['limit', 'skip', 'sort'];

/**
 * @param {MongoDBStore} store
 * @param {undefined|object} filter on the stored documents; all live sessions by default
 * @param {undefined|{limit?: number, skip?: number, sort?: *}} options
 * @returns {AsyncGenerator<StoredSessionOf>}
 * @throws {TypeError} at once, for what could find nothing, and what is no option
 */
function find(store, filter = {}, options = {}) {
  const checked = usableFilter('find', filter, (given) => new TypeError(`find takes a plain object as its filter; got ${brief(given)}`));
  const reading = checkedOptions(options);
  // A store whose client is awaited has no internals yet.
  const storeOptions = internalsOf(store)?.options ?? store.options;
  checkReachable('find', checked, storeOptions);
  checkSortable('find', pathsOf(reading.sort), storeOptions);
  return sessions(store, checked, reading);
}

function checkedOptions(given) {
  if (typeof given !== 'object' || given === null || isArray(given)) throw new TypeError(`the options of find must be an object; got ${brief(given)}`);
  const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new TypeError(`find has no option "${unknown}"; it takes limit, skip and sort`);
  const { limit, skip, sort } = given;
  for (const [name, value] of [['limit', limit], ['skip', skip]]) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    throw new TypeError(`the option ${name} of find must be a whole number, 0 or more; got ${brief(value)}`);
  }
  return { limit, skip, sort };
}

/** @returns {string[]} the paths of an order, in any of the forms that the Node driver takes */
function pathsOf(sort) {
  if (sort === undefined || sort === null) return [];
  if (typeof sort === 'string') return [sort];
  if (!isArray(sort)) return sort instanceof Map ? [...sort.keys()] : Object.keys(sort);
  // ['a', 'b'], ['a', -1] or [['a', -1], ['b', 1]]
  return sort.flatMap((one) => (isArray(one) ? [one[0]] : pathsOf(one))).filter((path) => typeof path === 'string');
}

async function * sessions(store, filter, options) {
  let observation;
  let failure;
  try {
    await opening(store);
    const internals = internalsOf(store);
    observation = new Observation(store, internals, 'find', filter);
    observation.called();
    for await (const found of internals.backend.find(filter, options)) yield described(found);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw await reported(store, storeError(doing.gathering(), failure));
  } finally {
    observation?.end(failure);
  }
}

/** @returns {Promise<Error>} the error, once listeners got it */
function reported(store, error) {
  return new Promise((resolve) => {
    report(store, error, resolve);
  });
}

/** @returns {StoredSessionOf} what an application gets of a session that was found */
function described({ id, session, expires, document }) {
  const created = dateAt(document, 'createdAt');
  const updated = dateAt(document, 'updatedAt');
  return { id, session, expires, ...(created && { created }), ...(updated && { updated }) };
}

module.exports = { described, find };
