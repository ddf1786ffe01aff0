'use strict';

/** `DEBUG=connect-mongodb-session`: a line on stderr for each operation, in the form that the package debug made known. */

const NAME = 'connect-mongodb-session';

/**
 * @param {string} [patterns] as in `DEBUG`: separated by commas or spaces, `*` for anything, `-` before
 *   what is left out
 * @returns {boolean} whether they ask for this package
 */
function isAskedFor(patterns = '') {
  let asked = false;
  for (const pattern of patterns.split(/[\s,]+/)) {
    if (pattern === '') continue;
    const excluded = pattern.startsWith('-');
    const literals = (excluded ? pattern.slice(1) : pattern).split('*');
    const escaped = literals.map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
    if (!new RegExp(`^${escaped.join('.*?')}$`).test(NAME)) continue;
    if (excluded) return false;
    asked = true;
  }
  return asked;
}

/**
 * A session id as it may be shown: who has the id has the session.
 *
 * @param {*} id
 * @returns {undefined|string} the first 8 hex digits of its SHA-256
 */
function shown(id) {
  return typeof id === 'string' ? require('crypto').createHash('sha256').update(id).digest('hex').slice(0, 8) : undefined;
}

/** What of an error may be shown: messages name session ids, and quote sessions. */
function brief(error) {
  return [error.name, error.codeName ?? error.code].filter((part) => part !== undefined).join(' ');
}

/** Writes a line about an operation that has ended. */
function log(operation, id, ms, error) {
  const words = [new Date().toISOString(), NAME, operation, shown(id), `${ms.toFixed(1)} ms`, error && brief(error)];
  process.stderr.write(`${words.filter(Boolean).join(' ')}\n`);
}

module.exports = { isAskedFor, log, shown };
