'use strict';

/** The update of a saved session, for an `updateOne` of the application's: as `src/operation/` writes it. */

const { ENDS_AT } = require('../session/ends');

const EMPTY = {};
/** The time at which the server runs the command. */
const NOW = '$$NOW';

/**
 * @param {object} id the fields of the session's id, as for a filter
 * @param {Save} save
 * @param {object} options of the store
 * @returns {object|object[]} the second argument of `updateOne`
 */
function updateDocument(id, save, options) {
  const fields = { ...id, session: save.stored, [options.expiresKey]: new Date(save.expires), ...save.beside?.set };
  return save.beside?.ends === undefined ? operators(fields, save, options) : pipeline(fields, save, options);
}

function operators(fields, { beside }, { timestamps }) {
  const { unset = EMPTY, dated = EMPTY } = beside ?? EMPTY;
  const dates = { ...dated, ...(timestamps && { updatedAt: true }) };
  return {
    $set: fields,
    ...(isFilled(unset) && { $unset: unset }),
    ...(timestamps && { $setOnInsert: { createdAt: new Date() } }),
    ...(isFilled(dates) && { $currentDate: dates })
  };
}

function pipeline(fields, { beside, expires }, { expiresKey, timestamps }) {
  const { ends, unset = EMPTY, dated = EMPTY } = beside;
  const set = {};
  for (const [path, value] of Object.entries(fields)) set[path] = { $literal: value };
  for (const path of Object.keys(dated)) set[path] = NOW;
  set[ENDS_AT] = { $cond: [{ $eq: [{ $type: `$${ENDS_AT}` }, 'date'] }, `$${ENDS_AT}`, ends] };
  if (timestamps) {
    set.createdAt = { $cond: [{ $eq: [{ $type: '$session' }, 'missing'] }, new Date(), '$createdAt'] };
    set.updatedAt = NOW;
  }
  const earlier = { [expiresKey]: { $min: [new Date(expires), `$${ENDS_AT}`] } };
  return [{ $set: set }, { $set: earlier }, ...(isFilled(unset) ? [{ $unset: Object.keys(unset) }] : [])];
}

function isFilled(object) {
  return Object.keys(object).length > 0;
}

module.exports = { updateDocument };
