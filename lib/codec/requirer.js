'use strict';

/** Which file of the application required this package: from there its own packages are looked for (`bson.js`). */

let file;

/**
 * Called by the entries when they are loaded: the first one counts.
 *
 * @param {undefined|null|{filename?: string}} module of whoever required this package; an ES module is none
 */
function requiredBy(module) {
  file ??= typeof module?.filename === 'string' ? module.filename : undefined;
}

/** @returns {undefined|string} its path; undefined for an ES module */
function requirer() {
  return file;
}

module.exports = { requiredBy, requirer };
