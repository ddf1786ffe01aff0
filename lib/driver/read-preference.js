'use strict';

const { MODES } = require('../connection/concerns');
const { MongoInvalidArgumentError } = require('../errors');

const ReadPreferenceMode = Object.freeze(Object.fromEntries(MODES.map((mode) => [mode, mode])));

/** Which members of a replica set a read may go to. */
class ReadPreference {
  /**
   * @param {string} mode one of `ReadPreferenceMode`
   * @param {object[]} [tags] tag sets, tried in turn
   * @param {{maxStalenessSeconds?: number, hedge?: object}} [options] the staleness in seconds, at
   *   least 90 for the servers; `hedge` is kept, but not sent (servers of 8.0 and later ignore it)
   * @throws {MongoInvalidArgumentError}
   */
  constructor(mode, tags, options) {
    if (!ReadPreference.isValid(mode)) {
      throw new MongoInvalidArgumentError(`Invalid read preference mode ${JSON.stringify(mode)}`);
    }
    if (options == null && typeof tags === 'object' && !Array.isArray(tags)) {
      options = tags;
      tags = undefined;
    } else if (tags && !Array.isArray(tags)) {
      throw new MongoInvalidArgumentError('ReadPreference tags must be an array');
    }
    this.mode = mode;
    this.tags = tags;
    this.hedge = options?.hedge;
    this.maxStalenessSeconds = undefined;
    if (options?.maxStalenessSeconds != null) {
      if (options.maxStalenessSeconds <= 0) {
        throw new MongoInvalidArgumentError('maxStalenessSeconds must be a positive integer');
      }
      this.maxStalenessSeconds = options.maxStalenessSeconds;
    }
    if (mode === ReadPreferenceMode.primary) refuseWithPrimary(this);
  }

  /** The mode under its former name. */
  get preference() {
    return this.mode;
  }

  static fromString(mode) {
    return new ReadPreference(mode);
  }

  /**
   * @param {{readPreference?: string|object, readPreferenceTags?: object[], maxStalenessSeconds?: number}} [options]
   * @returns {ReadPreference|undefined}
   * @throws {MongoInvalidArgumentError}
   */
  static fromOptions(options) {
    const given = options?.readPreference;
    if (given == null) return undefined;
    const { readPreferenceTags, maxStalenessSeconds, hedge } = options;
    if (typeof given === 'string') {
      return new ReadPreference(given, readPreferenceTags, { maxStalenessSeconds, hedge });
    }
    if (given instanceof ReadPreference) return given;
    const mode = given.mode || given.preference;
    if (typeof mode !== 'string') {
      throw new MongoInvalidArgumentError(`Invalid read preference: ${given}`);
    }
    return new ReadPreference(mode, given.tags ?? readPreferenceTags, {
      maxStalenessSeconds: given.maxStalenessSeconds,
      hedge
    });
  }

  static isValid(mode) {
    return mode === null || Object.values(ReadPreferenceMode).includes(mode);
  }

  isValid(mode) {
    return ReadPreference.isValid(typeof mode === 'string' ? mode : this.mode);
  }

  secondaryOk() {
    return this.mode !== null && this.mode !== ReadPreferenceMode.primary;
  }

  equals(other) {
    return other.mode === this.mode;
  }

  toJSON() {
    const json = { mode: this.mode };
    if (Array.isArray(this.tags)) json.tags = this.tags;
    if (this.maxStalenessSeconds) json.maxStalenessSeconds = this.maxStalenessSeconds;
    if (this.hedge) json.hedge = this.hedge;
    return json;
  }
}

function refuseWithPrimary({ tags, maxStalenessSeconds, hedge }) {
  const combined = tags?.length > 0 ? 'tags' : maxStalenessSeconds ? 'maxStalenessSeconds' : hedge ? 'hedge' : null;
  if (combined) {
    throw new MongoInvalidArgumentError(`Primary read preference cannot be combined with ${combined}`);
  }
}

ReadPreference.PRIMARY = ReadPreferenceMode.primary;
ReadPreference.PRIMARY_PREFERRED = ReadPreferenceMode.primaryPreferred;
ReadPreference.SECONDARY = ReadPreferenceMode.secondary;
ReadPreference.SECONDARY_PREFERRED = ReadPreferenceMode.secondaryPreferred;
ReadPreference.NEAREST = ReadPreferenceMode.nearest;
for (const mode of Object.keys(ReadPreferenceMode)) ReadPreference[mode] = new ReadPreference(mode);

module.exports = { ReadPreference, ReadPreferenceMode };
