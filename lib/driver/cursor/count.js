'use strict';

/**
 * The `count` command.
 *
 * @param {Namespace} namespace
 * @param {object} query
 * @param {{limit?: number, skip?: number, hint?: string|object}} options
 * @returns {object}
 */
function countCommand(namespace, query, { limit, skip, hint }) {
  const command = { count: namespace.collection, query };
  if (typeof limit === 'number') command.limit = limit;
  if (typeof skip === 'number') command.skip = skip;
  if (hint != null) command.hint = hint;
  return command;
}

module.exports = { countCommand };
