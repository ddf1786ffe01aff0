'use strict';

/**
 * What was given to a store, for the Node driver's own `MongoClient`: all as it stands, but for the
 * names that only this package still takes. The Node driver refuses some of them and warns of others.
 */

const { LEGACY, translateLegacy } = require('./legacy');
const { TABLE } = require('./table');

/** In lower case: without effect here, and not known or deprecated there. */
const WITHOUT_EFFECT = new Set(Object.keys(TABLE).filter((name) => TABLE[name].isForgotten).map((name) => name.toLowerCase()));

/**
 * @param {string} uri
 * @param {object} [connectionOptions]
 * @returns {{uri: string, options: object}} for `new MongoClient(uri, options)` of the `mongodb` package
 */
function forNodeDriver(uri, connectionOptions) {
  return { uri: uriOf(String(uri)), options: optionsOf(connectionOptions ?? {}) };
}

function optionsOf(connectionOptions) {
  const options = {};
  const earlier = new Map();
  for (const [name, value] of Object.entries(connectionOptions)) {
    if (value === undefined || value === null) continue;
    if (isEarlier(name)) earlier.set(name.toLowerCase(), [value]);
    else options[name] = value;
  }
  const taken = new Set(Object.keys(options).map((name) => name.toLowerCase()));
  for (const [name, [value]] of today(earlier, taken)) options[name] = value;
  return options;
}

/** Only the query has options; what stands before it may be a password, and is not touched. */
function uriOf(uri) {
  const start = uri.indexOf('?');
  if (start === -1) return uri;
  const earlier = new Map();
  const kept = [];
  const taken = new Set();
  for (const pair of uri.slice(start + 1).split('&')) {
    const [[name, value]] = [...new URLSearchParams(pair), ['', '']];
    if (isEarlier(name)) {
      earlier.set(name.toLowerCase(), [value]);
    } else {
      kept.push(pair);
      taken.add(name.toLowerCase());
    }
  }
  for (const [name, [value]] of today(earlier, taken)) kept.push(`${name}=${encodeURIComponent(value)}`);
  return kept.length > 0 ? `${uri.slice(0, start)}?${kept.join('&')}` : uri.slice(0, start);
}

function isEarlier(name) {
  const lower = name.toLowerCase();
  return lower in LEGACY || WITHOUT_EFFECT.has(lower);
}

/** Options of earlier drivers under today's names, without those that have no effect, or are given under both. */
function today(earlier, taken) {
  translateLegacy(earlier);
  return [...earlier].filter(([name]) => !WITHOUT_EFFECT.has(name) && !taken.has(name));
}

module.exports = { forNodeDriver };
