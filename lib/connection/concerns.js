'use strict';

/** Read preference, read concern and write concern, each of which several options make up. */

const { MongoInvalidArgumentError, MongoParseError } = require('../errors');
const { isRecord, pairs, toBoolean, toUint } = require('./coerce');

const MODES = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'];

/** A record, or an instance of a driver's class of that shape. */
function isShaped(value, key) {
  return isRecord(value, [key]) || (typeof value === 'object' && value !== null && value[key] !== undefined);
}

function tagsOf(values) {
  const list = Array.isArray(values[0]) ? values[0] : values;
  return list.map((tag) => {
    if (typeof tag === 'string') return Object.fromEntries(pairs(tag));
    return Object.fromEntries(Object.entries(isRecord(tag) ? tag : {}).map(([key, value]) => [key, String(value)]));
  });
}

/**
 * @param {Map<string, Array>} given
 * @returns {{mode: string, tags?: object[], maxStalenessSeconds?: number}|undefined}
 */
function readPreferenceOf(given) {
  const preference = {};
  if (given.has('maxStalenessSeconds')) {
    preference.mode = 'primary';
    preference.maxStalenessSeconds = toUint('maxStalenessSeconds', given.get('maxStalenessSeconds')[0]);
  }
  if (given.has('readPreference')) {
    const value = given.get('readPreference')[0];
    if (typeof value === 'string') preference.mode = value;
    else if (isShaped(value, 'mode')) {
      preference.mode = value.mode;
      if (value.tags != null) preference.tags = tagsOf([value.tags]);
      if (value.maxStalenessSeconds != null) {
        preference.maxStalenessSeconds = toUint('maxStalenessSeconds', value.maxStalenessSeconds);
      }
    } else throw new MongoParseError(`Unknown ReadPreference value: ${value}`);
    if (!MODES.includes(preference.mode)) {
      throw new MongoInvalidArgumentError(`Invalid read preference mode ${JSON.stringify(preference.mode)}`);
    }
  }
  if (given.has('readPreferenceTags')) {
    preference.mode ??= 'primary';
    preference.tags = tagsOf(given.get('readPreferenceTags'));
  }
  return checked(preference);
}

function checked(preference) {
  if (preference.mode === undefined) return undefined;
  const { mode, tags, maxStalenessSeconds } = preference;
  if (maxStalenessSeconds === 0) throw new MongoInvalidArgumentError('maxStalenessSeconds must be a positive integer');
  if (mode === 'primary') {
    if (tags?.length > 0) throw new MongoInvalidArgumentError('Primary read preference cannot be combined with tags');
    if (maxStalenessSeconds !== undefined) {
      throw new MongoInvalidArgumentError('Primary read preference cannot be combined with maxStalenessSeconds');
    }
    return { mode };
  }
  return preference;
}

/**
 * @param {Map<string, Array>} given
 * @returns {{level: string}|undefined}
 */
function readConcernOf(given) {
  let level;
  if (given.has('readConcern')) {
    const value = given.get('readConcern')[0];
    if (!isShaped(value, 'level')) throw new MongoParseError(`ReadConcern must be an object, got ${JSON.stringify(value)}`);
    ({ level } = value);
  }
  if (given.has('readConcernLevel')) [level] = given.get('readConcernLevel');
  return level == null ? undefined : { level: String(level) };
}

/**
 * @param {Map<string, Array>} given
 * @returns {{w?: number|string, wtimeoutMS?: number, journal?: boolean}|undefined}
 */
function writeConcernOf(given) {
  const concern = {};
  const take = (name, read) => {
    if (given.has(name)) read(given.get(name)[0]);
  };
  const journal = (name) => (value) => {
    concern.journal = toBoolean(name, value);
  };
  take('fsync', journal('fsync'));
  take('j', journal('j'));
  take('journal', journal('journal'));
  take('w', (value) => {
    concern.w = acknowledgment(value);
  });
  take('writeConcern', (value) => Object.assign(concern, concernFrom(value)));
  for (const name of ['wtimeout', 'wtimeoutMS']) {
    take(name, (value) => {
      concern.wtimeoutMS = toUint(name, value);
    });
  }
  return Object.keys(concern).length > 0 ? concern : undefined;
}

function concernFrom(value) {
  if (value === 'majority' || typeof value === 'number') return { w: acknowledgment(value) };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MongoParseError(`Invalid WriteConcern cannot parse: ${JSON.stringify(value)}`);
  }
  const concern = {};
  if (value.w != null) concern.w = acknowledgment(value.w);
  const timeout = value.wtimeoutMS ?? value.wtimeout;
  if (timeout != null) concern.wtimeoutMS = toUint('wtimeoutMS', timeout);
  const journal = value.journal ?? value.j ?? value.fsync;
  if (journal != null) concern.journal = toBoolean('journal', journal);
  return concern;
}

function acknowledgment(value) {
  const number = Number(value);
  if (value === '' || Number.isNaN(number)) return String(value);
  if (!Number.isInteger(number) || number < 0) {
    throw new MongoInvalidArgumentError(`w must be a number of members or a name, got: ${value}`);
  }
  return number;
}

module.exports = { readConcernOf, readPreferenceOf, writeConcernOf };
