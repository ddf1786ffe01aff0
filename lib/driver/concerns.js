'use strict';

/** How certain a write, and how settled what is read, must be. */

const ReadConcernLevel = Object.freeze({
  local: 'local',
  majority: 'majority',
  linearizable: 'linearizable',
  available: 'available',
  snapshot: 'snapshot'
});

class ReadConcern {
  /** @param {string} level one of `ReadConcernLevel`; the server refuses others */
  constructor(level) {
    this.level = level;
  }

  /**
   * @param {{readConcern?: string|{level: string}, level?: string}} [options]
   * @returns {ReadConcern|undefined}
   */
  static fromOptions(options) {
    const given = options?.readConcern;
    if (given instanceof ReadConcern) return given;
    const level = (typeof given === 'string' ? given : given?.level) || options?.level;
    return level ? new ReadConcern(level) : undefined;
  }

  static get MAJORITY() {
    return ReadConcernLevel.majority;
  }

  static get AVAILABLE() {
    return ReadConcernLevel.available;
  }

  static get LINEARIZABLE() {
    return ReadConcernLevel.linearizable;
  }

  static get SNAPSHOT() {
    return ReadConcernLevel.snapshot;
  }

  toJSON() {
    return { level: this.level };
  }
}

class WriteConcern {
  /**
   * @param {number|string} [w] how many members, `majority`, or a tag set's name
   * @param {number} [wtimeoutMS] ms until the server gives up waiting for them
   * @param {boolean} [journal] whether the write must be in the journal
   * @param {boolean} [fsync] the former name of `journal`
   */
  constructor(w, wtimeoutMS, journal, fsync) {
    if (w != null) this.w = Number.isNaN(Number(w)) ? w : Number(w);
    if (wtimeoutMS != null) this.wtimeoutMS = this.wtimeout = wtimeoutMS;
    if (journal != null) this.journal = this.j = journal;
    if (fsync != null) this.journal = this.j = Boolean(fsync);
  }

  /**
   * @param {{writeConcern?: object}} [options]
   * @returns {WriteConcern|undefined}
   */
  static fromOptions(options) {
    const given = options?.writeConcern;
    if (given == null) return undefined;
    const { w, wtimeout, wtimeoutMS, j, journal, fsync } = given;
    const parts = [w, wtimeout ?? wtimeoutMS, j ?? journal, fsync];
    return parts.some((part) => part != null) ? new WriteConcern(...parts) : undefined;
  }

  /** Puts the write concern into a command, in the server's terms. */
  static apply(command, { w, wtimeoutMS, journal }) {
    const concern = {};
    if (w != null) concern.w = w;
    if (wtimeoutMS != null) concern.wtimeout = wtimeoutMS;
    if (journal != null) concern.j = journal;
    command.writeConcern = concern;
    return command;
  }
}

module.exports = { ReadConcern, ReadConcernLevel, WriteConcern };
