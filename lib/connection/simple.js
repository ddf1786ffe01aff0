'use strict';

/** The options that are one value each, and settings of the same name. */

const { MongoInvalidArgumentError, MongoParseError } = require('../errors/client');
const { cast, toInt } = require('./coerce');
const { TABLE } = require('./table');

/** Their names and types, and what is sent of them where nobody says. */
const OPTIONS = Object.entries(TABLE).filter(([, { isSetting }]) => isSetting).map(([name, { type }]) => [name, type]);
const DEFAULTS = Object.fromEntries(Object.entries(TABLE).filter(([, { isSent }]) => isSent).map(([name, { fallback }]) => [name, fallback]));

const MIN_HEARTBEAT_MS = 500;
/** The server refuses longer names; the Node driver cuts them off as well. */
const MAX_APP_NAME_BYTES = 128;
const MONITORING_MODES = ['auto', 'poll', 'stream'];

function withinBytes(text, max) {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  let end = max;
  // Never through the middle of a character.
  while ((bytes[end] & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/**
 * @param {Map<string, Array>} given
 * @returns {object}
 */
function simpleOptions(given) {
  const settings = { ...DEFAULTS };
  for (const [name, type] of OPTIONS) {
    if (given.has(name)) settings[name] = cast(name, given.get(name)[0], type);
    // An empty name is no name, as in the Node driver.
    if (settings[name] === '') delete settings[name];
  }
  if (settings.appName !== undefined) settings.appName = withinBytes(settings.appName, MAX_APP_NAME_BYTES);
  if (settings.maxConnecting === 0) {
    throw new MongoInvalidArgumentError('maxConnecting must be > 0 if specified');
  }
  if (settings.heartbeatFrequencyMS !== undefined) {
    settings.heartbeatFrequencyMS = Math.max(settings.heartbeatFrequencyMS, MIN_HEARTBEAT_MS);
  }
  const family = given.has('family') ? toInt('family', given.get('family')[0]) : 4;
  if (family !== 4 && family !== 6) throw new MongoParseError(`Option 'family' must be 4 or 6 got ${family}.`);
  const { serverMonitoringMode } = settings;
  if (serverMonitoringMode !== undefined && !MONITORING_MODES.includes(serverMonitoringMode)) {
    throw new MongoParseError('serverMonitoringMode must be one of `auto`, `poll`, or `stream`');
  }
  return settings;
}

module.exports = { simpleOptions };
