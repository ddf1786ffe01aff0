'use strict';

/**
 * Options of a store that are functions, which cannot be sent to another process.
 *
 * @param {object} options with `serializes` for `serialize` and `unserialize`, and `hasUsers` for `user`
 * @returns {object} options of a store
 */
function withFunctions({ serializes, hasUsers, ...options }) {
  return {
    ...options,
    ...(serializes && { serialize: JSON.stringify, unserialize: JSON.parse }),
    ...(hasUsers && { user: (session) => session.user })
  };
}

module.exports = { withFunctions };
