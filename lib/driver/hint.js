'use strict';

/**
 * A hint as the `find` command takes it: an index's name or its keys.
 *
 * @param {string|string[]|object} [hint]
 * @returns {string|object|undefined}
 */
function normalizeHint(hint) {
  if (typeof hint === 'string') return hint;
  if (Array.isArray(hint)) return Object.fromEntries(hint.map((name) => [name, 1]));
  if (hint == null || typeof hint !== 'object') return undefined;
  const keys = {};
  for (const name in hint) keys[name] = hint[name];
  return keys;
}

module.exports = { normalizeHint };
