'use strict';

/** The option `maxLifetime`: when a session ends, however active it is. `src/operation/pipeline.rs` keeps it. */

const { dateAt } = require('./expiry');

/** The field of the stored document. */
const ENDS_AT = 'endsAt';

/**
 * @param {object} document as it is stored
 * @param {object} options of the store
 * @returns {undefined|Date} undefined where lifetimes are not limited, and for sessions that were stored before they were
 */
function endOf(document, { maxLifetime }) {
  return maxLifetime === undefined ? undefined : dateAt(document, ENDS_AT);
}

/** @returns {Date} when a session ends that is created now */
function newEnd({ maxLifetime }) {
  return new Date(Date.now() + maxLifetime.ms);
}

module.exports = { ENDS_AT, endOf, newEnd };
