import { TagSet, WriteConcernLike } from './connection-options';

/** How a read chooses among the members of a replica set. */
export const ReadPreferenceMode: Readonly<{
  primary: 'primary';
  primaryPreferred: 'primaryPreferred';
  secondary: 'secondary';
  secondaryPreferred: 'secondaryPreferred';
  nearest: 'nearest';
}>;
/** One of its values. */
export type ReadPreferenceMode = (typeof ReadPreferenceMode)[keyof typeof ReadPreferenceMode];

/** Which members of a replica set a read may go to. */
export class ReadPreference {
  /**
   * @param tags tried in order; the first set that members match decides
   * @param options `maxStalenessSeconds`: how many seconds a secondary may be behind, at least 90
   * @throws MongoInvalidArgumentError for an unknown mode, and for details of `primary`
   */
  constructor(mode: ReadPreferenceMode, tags?: TagSet[], options?: { maxStalenessSeconds?: number });
  /** The mode `primary`. */
  static readonly PRIMARY: 'primary';
  /** The mode `primaryPreferred`. */
  static readonly PRIMARY_PREFERRED: 'primaryPreferred';
  /** The mode `secondary`. */
  static readonly SECONDARY: 'secondary';
  /** The mode `secondaryPreferred`. */
  static readonly SECONDARY_PREFERRED: 'secondaryPreferred';
  /** The mode `nearest`. */
  static readonly NEAREST: 'nearest';
  /** The primary, and no other. */
  static readonly primary: ReadPreference;
  /** The primary, else a secondary. */
  static readonly primaryPreferred: ReadPreference;
  /** A secondary, and no other. */
  static readonly secondary: ReadPreference;
  /** A secondary, else the primary. */
  static readonly secondaryPreferred: ReadPreference;
  /** Any member, by its distance alone. */
  static readonly nearest: ReadPreference;
  /** Makes one of a mode. */
  static fromString(mode: string): ReadPreference;
  /** Whether there is such a mode. */
  static isValid(mode: string): boolean;
  /** Which members, and in which order. */
  mode: ReadPreferenceMode;
  /** Tried in order; the first set that members match decides. */
  tags?: TagSet[];
  /** Seconds a secondary may be behind. */
  maxStalenessSeconds?: number;
  /** The mode, under its former name. */
  get preference(): ReadPreferenceMode;
  /** Whether there is such a mode; its own, if none is given. */
  isValid(mode?: string): boolean;
  /** Whether a secondary may be read from. */
  secondaryOk(): boolean;
  /** Whether the other one has the same mode. */
  equals(other: ReadPreference): boolean;
  /** Its parts, as a plain object. */
  toJSON(): { mode: ReadPreferenceMode; tags?: TagSet[]; maxStalenessSeconds?: number };
}

/** What a read may see. */
export const ReadConcernLevel: Readonly<{
  local: 'local';
  majority: 'majority';
  linearizable: 'linearizable';
  available: 'available';
  snapshot: 'snapshot';
}>;
/** One of its values. */
export type ReadConcernLevel = (typeof ReadConcernLevel)[keyof typeof ReadConcernLevel];

/** How settled what is read must be. */
export class ReadConcern {
  constructor(level: ReadConcernLevel | (string & {}));
  /** The level `majority`. */
  static readonly MAJORITY: 'majority';
  /** The level `available`. */
  static readonly AVAILABLE: 'available';
  /** The level `linearizable`. */
  static readonly LINEARIZABLE: 'linearizable';
  /** The level `snapshot`. */
  static readonly SNAPSHOT: 'snapshot';
  /** How settled. */
  level: ReadConcernLevel | (string & {});
  /** Its parts, as a plain object. */
  toJSON(): { level: string };
}

/** How certain a write must be. */
export class WriteConcern implements WriteConcernLike {
  /**
   * @param w members that must have the write, `'majority'`, or the name of a custom concern
   * @param wtimeoutMS milliseconds to wait for them
   * @param journal whether the write must be in the journal
   * @param fsync the same as `journal`
   */
  constructor(w?: number | string, wtimeoutMS?: number, journal?: boolean, fsync?: boolean | 1);
  /** Members that must have the write, `'majority'`, or the name of a custom concern. */
  w?: number | 'majority' | (string & {});
  /** Milliseconds. */
  wtimeoutMS?: number;
  /** Milliseconds. */
  wtimeout?: number;
  /** Whether the write must be in the journal. */
  journal?: boolean;
  /** The same as `journal`. */
  j?: boolean;
}

/** Which document `findOneAnd…` gives: as it was, or as it is afterwards. */
export const ReturnDocument: Readonly<{ BEFORE: 'before'; AFTER: 'after' }>;
/** One of its values. */
export type ReturnDocument = (typeof ReturnDocument)[keyof typeof ReturnDocument];

/** The versions of the API that a server can be held to. */
export const ServerApiVersion: Readonly<{ v1: '1' }>;
/** One of its values. */
export type ServerApiVersion = (typeof ServerApiVersion)[keyof typeof ServerApiVersion];
