'use strict';

/** Read preference, read concern and write concern, each of which several options make up. */

const { MongoInvalidArgumentError, MongoParseError } = require('../errors/client');
const { LONGEST, isRecord, pairs, toBoolean, toUint } = require('./coerce');

/** Of read preferences. */
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
  let concern = {};
  // The order is the Node driver's, and with it what wins.
  for (const name of ['fsync', 'j', 'journal', 'w', 'writeConcern', 'wtimeout', 'wtimeoutMS']) {
    if (!given.has(name)) continue;
    concern = merged(concern, part(name, given.get(name)[0]));
  }
  return Object.keys(concern).length > 0 ? concern : undefined;
}

/** What one option says of it. */
function part(name, value) {
  if (name === 'writeConcern') return concernFrom(value);
  if (name === 'w') return { w: value };
  if (name === 'j') return { journal: toBoolean(name, value) };
  return { [name]: (name.startsWith('wtimeout') ? toUint : toBoolean)(name, value) };
}

/**
 * A concern with one option more. The first name of a setting that has a value wins, in the Node
 * driver's order: some names come before what is there already, and some after it.
 */
function merged(concern, { w, wtimeout, wtimeoutMS, j, journal, fsync }) {
  const first = (...candidates) => candidates.find(([, value]) => value != null);
  const members = first(['w', w], ['w', concern.w]);
  const timeout = first(['wtimeout', wtimeout], ['wtimeout', concern.wtimeoutMS], ['wtimeoutMS', wtimeoutMS]);
  const waits = first(['fsync', fsync], ['j', j], ['journal', concern.journal], ['journal', journal]);
  return {
    ...(members && { w: acknowledgment(members[1]) }),
    ...(timeout && { wtimeoutMS: toUint(...timeout) }),
    ...(waits && { journal: toBoolean(...waits) })
  };
}

const CONCERN_KEYS = ['w', 'wtimeoutMS', 'wtimeout', 'journal', 'j', 'fsync'];

function concernFrom(value) {
  if (value === 'majority' || typeof value === 'number') return { w: value };
  if (!isRecord(value) && !CONCERN_KEYS.some((key) => isShaped(value, key))) {
    throw new MongoParseError(`Invalid WriteConcern cannot parse: ${JSON.stringify(value)}`);
  }
  return value;
}

function acknowledgment(value) {
  const number = Number(value);
  if (value === '' || Number.isNaN(number)) return String(value);
  // What is negative, the server refuses.
  if (!Number.isInteger(number) || Math.abs(number) > LONGEST) {
    throw new MongoInvalidArgumentError(`w must be a number of members or a name, got: ${value}`);
  }
  return number;
}

module.exports = { MODES, readConcernOf, readPreferenceOf, writeConcernOf };
