'use strict';

/** Options of earlier Node drivers, translated into what they are called today. */

const { toBoolean } = require('./coerce');
const { TABLE } = require('./table');

/** How the value changes with the name. */
const CHANGES = { sslvalidate: (value) => !toBoolean('sslValidate', value) };

/** By lower-case name: today's name, and how the value changes. */
const TODAY = Object.fromEntries(Object.entries(TABLE).flatMap(([name, { formerly = [] }]) => {
  return formerly.map((old) => [old, { name, change: CHANGES[old] }]);
}));

/**
 * @param {Map<string, Array>} given by lower-case name; changed in place
 */
function translateLegacy(given) {
  for (const [old, { name, change = (value) => value }] of Object.entries(TODAY)) {
    if (!given.has(old)) continue;
    // Today's name wins where both are given.
    if (!given.has(name.toLowerCase())) given.set(name.toLowerCase(), given.get(old).map(change));
    given.delete(old);
  }
}

module.exports = { LEGACY: TODAY, translateLegacy };
