'use strict';

/** What `util.inspect`, and with it `console.log` of a store, shows of options: no passwords. The options stay as they are. */

const { inspect } = require('util');
const { lazy } = require('../../lazy');

/** In lower case, under all the names that they ever had; made when something is first shown. */
const secrets = lazy(() => {
  const { TABLE } = require('../../connection/table');
  const named = Object.entries(TABLE).filter(([, { isSecret }]) => isSecret);
  return new Set(named.flatMap(([name, { formerly = [] }]) => [name.toLowerCase(), ...formerly]));
});
const HIDDEN = '…';
/** As `util.inspect` goes, by default. */
const SHOWN_LEVELS = 2;

function isHidden(name) {
  try {
    return secrets().has(decodeURIComponent(name).toLowerCase());
  } catch {
    return true;
  }
}

/** @returns {string} a connection string with dots for its password, and for options that are secrets */
function shownUri(uri) {
  return uri
    .replace(/^([^/]+:\/\/)([^@/?]*)@/, (_, scheme, user) => `${scheme}${user.replace(/:.*$/s, `:${HIDDEN}`)}@`)
    .replace(/([?&])([^=&#]+)=([^&#]*)/g, (all, mark, name) => (isHidden(name) ? `${mark}${name}=${HIDDEN}` : all));
}

function shownConnectionOptions() {
  return Object.fromEntries(Object.entries(this).map(([name, value]) => [name, isHidden(name) && value != null ? HIDDEN : value]));
}

function shownOptions() {
  // A client shows the password that it connects with.
  const client = this.client === undefined ? {} : { client: HIDDEN };
  return { ...this, ...client, uri: typeof this.uri === 'string' ? shownUri(this.uri) : this.uri };
}

/** @param {object} options of a store, cast; gets properties that only `util.inspect` sees */
function hideSecrets(options) {
  Object.defineProperty(options, inspect.custom, { value: shownOptions });
  if (options.connectionOptions) Object.defineProperty(options.connectionOptions, inspect.custom, { value: shownConnectionOptions });
}

/** @returns {*} a value for a message: texts in objects, and connection strings, may be passwords */
function forMessage(value, level = 0) {
  if (typeof value === 'string') return level > 0 || value.includes('://') ? HIDDEN : value;
  if (value instanceof Uint8Array || typeof value === 'function') return HIDDEN;
  if (value === null || typeof value !== 'object') return value;
  // Nothing of what is deeper is shown; there may be no end to it.
  if (level > SHOWN_LEVELS) return Array.isArray(value) ? [HIDDEN] : { [HIDDEN]: HIDDEN };
  if (Array.isArray(value)) return Array.from(value, (item) => forMessage(item, level + 1));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, forMessage(inner, level + 1)]));
}

module.exports = { forMessage, hideSecrets, shownConnectionOptions, shownUri };
