'use strict';

const { ENDS_AT } = require('./ends');

/**
 * @param {object} options of a store
 * @returns {object} a filter that matches what a read by id would find alive
 */
function liveFilter({ expiresKey, maxLifetime }) {
  const still = { $not: { $lte: new Date() } };
  return { [expiresKey]: still, ...(maxLifetime !== undefined && { [ENDS_AT]: still }) };
}

module.exports = { liveFilter };
