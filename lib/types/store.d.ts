import session = require('express-session');
import { ConnectionOptions } from './connection-options';
import { Db, MongoClient, SessionCollection } from './installed';

/** The options a store works with: cast, and with their defaults. */
export interface MongoDBStoreOptions {
  /** The connection string. */
  uri: string;
  /** The collection's name. */
  collection: string;
  /** `null` for the database of the `uri`. */
  databaseName: string | null;
  /**
   * Milliseconds after which a session expires whose cookie has no date. Where a function was given, it is that function:
   * the type says a number for code that was written for the original.
   */
  expires: number;
  /** A copy of what was given. */
  connectionOptions: ConnectionOptions | null | undefined;
  /** The field of the session id. */
  idField: string;
  /** The field of the date a session expires at. */
  expiresKey: string;
  /** Seconds after that date at which MongoDB deletes a session. */
  expiresAfterSeconds: number;
  /** Whether operations that wait at the same time may share one command. Not there unless it was given. */
  batching?: boolean;
  /** How expired sessions are removed. Not there unless it was given. */
  autoRemove?: 'native' | 'interval' | 'disabled';
  /** Minutes between removals. Not there unless it was given. */
  autoRemoveInterval?: number;
  /** Whether the store makes its indexes. Not there unless it was given. */
  createIndexes?: boolean;
  /** Whether express-session is told when MongoDB is away. Not there unless it was given. */
  degrade?: boolean;
  /** Which members of a replica set sessions are read from. Not there unless it was given. */
  readPreference?: 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest';
  /** Whether documents say when they were created and changed. Not there unless it was given. */
  timestamps?: boolean;
  /** Gives whose a session is. Not there unless it was given. */
  user?: (session: any) => User | null | undefined;
  /** The field that says whose a session is. Not there unless it was given. */
  userField?: string;
  /** How many sessions a user may have. Not there unless it was given. */
  maxSessionsPerUser?: number;
  /** How long sessions live at most. Not there unless it was given. */
  maxLifetime?: { ms: number; keepOnRegenerate: boolean };
  /** How undefined members are stored. Not there unless it was given, here or as `ignoreUndefined` of the connection. */
  undefinedAs?: 'null' | 'absent';
  /** Seconds by which a touch must move the expiry, or it is skipped. Not there unless it was given. */
  touchAfter?: number;
  /** Whether a save writes only the keys that changed since the session was loaded. Not there unless it was given. */
  partialUpdates?: boolean;
  /** Whether a save never brings back a session that was destroyed after it was loaded. Not there unless it was given. */
  preventResurrection?: boolean;
  /** Whether plaintext is refused, where sessions are encrypted. Not there unless it was given. */
  crypto?: { required: boolean };
  /** Whether ids are hashed. Not there unless it was given. */
  hashIds?: boolean;
  /** Gives the ids to store. Not there unless it was given. */
  transformId?: (sid: string) => string;
  /** Gives what is stored. Not there unless it was given. */
  serialize?: (session: any) => unknown;
  /** Gives the session that is stored. Not there unless it was given. */
  unserialize?: (stored: any) => object;
  /** Whether the store tells what other processes do to sessions. Not there unless it was given. */
  watch?: boolean;
}

/** A user, as the option `user` gives it: a string, a finite number, or an `ObjectId` of any version of `bson`. */
export type User = string | number | { readonly _bsontype: string; toHexString(): string };

/** A session that was found: by `find`, or by its user. */
export interface FoundSession {
  /** The id that it is stored under, which with `hashIds` or `transformId` is another one than its own. */
  id: string;
  /** What the session holds. */
  session: session.SessionData;
  /** The date it expires at; undefined for a document without one, which never does. */
  expires: Date | undefined;
  /** When it was created; with the option `timestamps`, where that is known. */
  created?: Date;
  /** When it was saved or touched last; with the option `timestamps`. */
  updated?: Date;
}

/** Which sessions of a user are meant. */
export interface UserOptions {
  /** All but these: ids as the application knows them, such as `req.sessionID`. */
  except?: string | string[];
  /** No others than these: ids as `sessionsOf` gives them. */
  only?: string | string[];
}

/** Which of the sessions that match are read, and in which order. */
export interface FindOptions {
  /** How many at most; 0 for all. */
  limit?: number;
  /** How many to leave out first. */
  skip?: number;
  /** The order, in any form that the Node driver takes. */
  sort?: string | string[] | { [path: string]: any } | Map<string, any> | [string, any][];
}

/** A session as it is stored. `idField` and `expiresKey` name the fields that hold its id and its expiry. */
export interface StoredSession {
  /** The session id, unless `idField` names another field. */
  _id: any;
  /** What the session holds. */
  session: session.SessionData;
  /** The date it expires at, unless `expiresKey` names another field. */
  expires?: Date;
  [field: string]: any;
}

declare module 'express-session' {
  /** The stores of express-session: which one `req.sessionStore` is, its types do not know. */
  interface Store {
    /**
     * What comes is the store's affair: `MongoDBStore` gives the documents as they are stored, each with its `session`;
     * `MemoryStore` gives the sessions by id.
     */
    all?(callback: (err: any, obj?: { session: session.SessionData }[] | session.SessionData[] | { [sid: string]: session.SessionData } | null) => void): void;
  }
}

/**
 * What callbacks, rejected promises and `error` listeners get. Its message says what was being done, its
 * `cause` holds what the driver or the server said; `util.inspect`, and with it a log, shows that as one line.
 */
export interface MongoDBStoreError extends Error {
  /** The error of the driver or the server, with its `name`, `code`, `codeName` and `errorLabels`. */
  cause?: any;
}

/** What is known, beside its id, of a session that another process, or MongoDB itself, has changed; see the option `watch`. */
export interface ChangeElsewhere {
  /**
   * What the session is stored under: its id, or what `hashIds` or `transformId` made of that. Undefined where `idField` is
   * not `_id` and the id is not known.
   */
  storedId: string | undefined;
  /** The document's `_id`. */
  key: any;
}

/** Commands of one kind, from the store's beginning. */
export interface CommandStats {
  /** Commands that have ended. */
  count: number;
  /** Operations in all of them. */
  operations: number;
  /** The most operations in one of them. */
  largest: number;
  /** Commands that failed as a whole. */
  failed: number;
}

/** What `stats()` gives: plain numbers, from the store's beginning. */
export interface MongoDBStoreStats {
  /** Operations that were called and have not ended. */
  pending: number;
  /** What has ended, by method; methods that were not called are not there. */
  operations: { [method: string]: OperationStats };
  /** Connections of the pool: open ones, and those in use. Not there once the store is closed, as what follows. */
  pool?: { open: number; inUse: number };
  /** Operations and bytes of sessions that wait; commands that were sent and have not ended. */
  queue?: { waiting: number; waitingBytes: number; underWay: number };
  /** Commands that have ended, by kind, and how many were sent again. */
  commands?: { find: CommandStats; update: CommandStats; delete: CommandStats; retries: number };
}

/** The operations of one method. */
export interface OperationStats {
  /** How many have ended, with or without an error. */
  count: number;
  /** How many of them ended with an error. */
  errors: number;
  /** Milliseconds from the call to the result, on average. */
  meanMS: number;
  /** Milliseconds that half of them did not exceed; at most a fourth too high. */
  p50MS: number;
  /** Milliseconds that 99 % of them did not exceed; at most a fourth too high. */
  p99MS: number;
  /**
   * How many took how long: each entry has those that took up to `upToMS` milliseconds, and longer than four fifths of
   * that. Ascending; times that no operation took are not there.
   */
  histogram: { upToMS: number; count: number }[];
}

/** What express-openid-connect stores: a session beside its own note of the expiry. */
export interface OpenIdSession {
  /** Seconds since 1970: when it was made, last used, and when it expires. */
  header: { iat: number; uat: number; exp: number };
  /** What the session holds. */
  data: object;
  /** When it expires, in ms since 1970, and in how many ms. */
  cookie: { expires: number; maxAge: number };
}

/** Called with nothing on success. Listeners that insist on an argument are accepted. */
export type ConnectCallback = { bivarianceHack(error?: MongoDBStoreError): void }['bivarianceHack'];

/** Called with `null` or nothing, or with a {@link MongoDBStoreError}. */
export type DoneCallback = (err?: any) => void;

/** Called with an error, or with the session, or with neither when there is none (or it has expired). */
export type GetCallback = (err: any, session?: session.SessionData | null) => void;

/** Called with an error, or with all live sessions as they are stored. */
export type AllCallback = (err: any, sessions?: StoredSession[]) => void;

/** Called with an error, or with the number of sessions that were deleted. */
export type CountCallback = (err: any, deleted?: number) => void;

/** Called with an error, or with the sessions that were found. */
export type FoundCallback = (err: any, sessions?: FoundSession[]) => void;

/** Called with an error, or with the ids of all live sessions. */
export type IdsCallback = (err: any, ids?: string[]) => void;

/** Called with an error, or with the number of live sessions. */
export type LengthCallback = (err: any, length?: number) => void;

/** What a method returns: nothing when it was given a callback, else a promise. */
export type Returned<Callback, Result> = Callback extends undefined ? Promise<Result> : void;

// Each method has three signatures. The first is for calls with a callback. The second is for calls without
// one, or with one that may be missing; it is generic so that a derived class may override the method with
// callbacks alone (type parameters count as `any` there; so `all`'s first signature has one too). The last is
// for what looks at the last signature only, such as the types of `util.promisify`.

/**
 * A session store in MongoDB.
 *
 * Every method takes a callback, which is called once and never before the method has returned, and then
 * returns `undefined`; without a callback it returns a promise. Errors go to `error` listeners too.
 */
export interface MongoDBStore extends session.Store {
  /** The options, cast and with their defaults. `util.inspect` and `console.log` show dots for the secrets among them. */
  options: MongoDBStoreOptions;

  /** The client, for an application's own operations; see the module `connect-mongodb-session/driver`. */
  client: MongoClient;

  /** The database that holds the sessions. */
  db: Db;

  /** The collection that holds the sessions. */
  collection: SessionCollection<StoredSession>;

  /**
   * Resolves with the client when the store is connected and its indexes are there; with `undefined` when
   * that failed and a callback was told. Rejects when connecting failed and there was no callback.
   */
  initialConnectionPromise: Promise<MongoClient | undefined>;

  /**
   * Reads a session. One that has expired is deleted and not found.
   *
   * @param sid must be a string; anything else is refused with a TypeError
   */
  get(sid: string, callback: GetCallback): void;
  /** The same without a callback, as a promise. */
  get<C extends GetCallback | undefined = undefined>(sid: string, callback?: C): Returned<C, session.SessionData | undefined>;
  get(sid: string, callback: GetCallback): void;

  /**
   * Stores a session, replacing one with that id. It expires at `session.cookie.expires`, else after the
   * store's `expires` option.
   *
   * @param sid must be a string; anything else is refused with a TypeError
   */
  set(sid: string, session: session.SessionData, callback: DoneCallback): void;
  /** The same without a callback, as a promise. */
  set<C extends DoneCallback | undefined = undefined>(sid: string, session: session.SessionData, callback?: C): Returned<C, void>;
  /** The same with what express-openid-connect stores. */
  set<S extends OpenIdSession>(sid: string, session: S, callback?: DoneCallback): void;
  set(sid: string, session: session.SessionData, callback: DoneCallback): void;

  /**
   * Renews a session that is there: its expiry, and its cookie. The rest of it is left as it is stored.
   *
   * @param sid must be a string; anything else is refused with a TypeError
   */
  touch(sid: string, session: session.SessionData, callback: DoneCallback): void;
  /** The same without a callback, as a promise. */
  touch<C extends DoneCallback | undefined = undefined>(sid: string, session: session.SessionData, callback?: C): Returned<C, void>;
  touch(sid: string, session: session.SessionData, callback: DoneCallback): void;

  /**
   * Deletes a session, or several; those that are not there are no error.
   *
   * @param sid must be a string, or an array of them; anything else is refused with a TypeError, and then
   *   nothing is deleted
   */
  destroy(sid: string | string[], callback: DoneCallback): void;
  /** The same without a callback, as a promise. */
  destroy<C extends DoneCallback | undefined = undefined>(sid: string | string[], callback?: C): Returned<C, void>;
  destroy(sid: string, callback: DoneCallback): void;

  /**
   * Deletes the sessions that a filter matches, such as `{ 'session.userId': 7 }` to log a user out everywhere.
   *
   * @param filter in MongoDB's query language, on the stored documents; refused with a TypeError are an empty one, a path
   *   into the session with `crypto` or `serialize`, and the id with `hashIds`: they would find nothing
   */
  destroyWhere(filter: { [path: string]: any }, callback: CountCallback): void;
  /** The same without a callback, as a promise of how many were deleted. */
  destroyWhere<C extends CountCallback | undefined = undefined>(filter: { [path: string]: any }, callback?: C): Returned<C, number>;

  /**
   * Gives the live sessions of a user. Needs the option `user`.
   *
   * @param user anything else than a string, a finite number or an ObjectId is refused with a TypeError
   * @param options an unknown one is refused with a TypeError
   */
  sessionsOf(user: User, options: UserOptions, callback: FoundCallback): void;
  sessionsOf(user: User, callback: FoundCallback): void;
  /** The same without a callback, as a promise. */
  sessionsOf<C extends FoundCallback | undefined = undefined>(user: User, options?: UserOptions, callback?: C): Returned<C, FoundSession[]>;

  /**
   * Ends the sessions of a user, such as `destroyUser(user, { except: req.sessionID })` for all but this one. Needs the
   * option `user`.
   *
   * @param user anything else than a string, a finite number or an ObjectId is refused with a TypeError
   * @param options an unknown one is refused with a TypeError, and then nothing is deleted
   */
  destroyUser(user: User, options: UserOptions, callback: CountCallback): void;
  destroyUser(user: User, callback: CountCallback): void;
  /** The same without a callback, as a promise of how many were deleted. */
  destroyUser<C extends CountCallback | undefined = undefined>(user: User, options?: UserOptions, callback?: C): Returned<C, number>;

  /**
   * Reads the live sessions that a filter matches, batch by batch as they are asked for: `for await (const { id, session }
   * of store.find({ 'session.cart': { $exists: true } }))`.
   *
   * @param filter in MongoDB's query language, on the stored documents; all live sessions by default
   * @throws TypeError at once for what could find nothing: a path into the session with `crypto` or `serialize`, the id
   *   with `hashIds`, the user with either
   */
  find(filter?: { [path: string]: any }, options?: FindOptions): AsyncGenerator<FoundSession, void, undefined>;

  /** Deletes every document of the collection. */
  clear(callback: DoneCallback): void;
  /** The same without a callback, as a promise. */
  clear<C extends DoneCallback | undefined = undefined>(callback?: C): Returned<C, void>;
  clear(callback: DoneCallback): void;

  /** Reads all sessions that have not expired, as they are stored. All of them at once: mind the memory. */
  all<S extends StoredSession[] = StoredSession[]>(callback: (err: any, sessions?: S) => void): void;
  /** The same without a callback, as a promise. */
  all<C extends AllCallback | undefined = undefined>(callback?: C): Returned<C, StoredSession[]>;
  all(callback: (err: any, obj?: session.SessionData[] | { [sid: string]: session.SessionData } | null) => void): void;

  /** Counts the sessions that have not expired. */
  length(callback: LengthCallback): void;
  /** The same without a callback, as a promise. */
  length<C extends LengthCallback | undefined = undefined>(callback?: C): Returned<C, number>;
  length(callback: LengthCallback): void;

  /** Gives the ids of the sessions that have not expired, as they are stored. */
  ids(callback: IdsCallback): void;
  /** The same without a callback, as a promise. */
  ids<C extends IdsCallback | undefined = undefined>(callback?: C): Returned<C, string[]>;

  /**
   * Closes the store: operations under way end, later ones fail. Its connections go with the last store of the
   * process that shares them. `await using` does the same at the end of a block.
   */
  close(callback: DoneCallback): void;
  /** The same without a callback, as a promise. */
  close<C extends DoneCallback | undefined = undefined>(callback?: C): Returned<C, void>;

  /** What this store has done and is doing, in numbers. */
  stats(): MongoDBStoreStats;

  /** Calls the listener whenever the event happens. `connected`: the store is ready, its indexes are there. */
  on(event: 'connected' | 'disconnected' | 'reconnected' | 'disconnect' | 'connect', listener: () => void): this;
  /** Calls the listener with every error of the store, also with those that a callback gets. */
  on(event: 'error', listener: (error: MongoDBStoreError) => void): this;
  /**
   * Calls the listener when a session was created, changed, destroyed, or has expired. With the option `watch` also when
   * another process did it; then there is a second argument.
   */
  on(event: 'create' | 'update' | 'destroy' | 'expire', listener: (sid: string, elsewhere?: ChangeElsewhere) => void): this;
  on(event: 'set', listener: (sid: string) => void): this;
  on(event: 'touch', listener: (sid: string, session: session.SessionData) => void): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;

  /** Like `on`, but at most once. */
  once(event: 'connected' | 'disconnected' | 'reconnected' | 'disconnect' | 'connect', listener: () => void): this;
  once(event: 'error', listener: (error: MongoDBStoreError) => void): this;
  once(event: 'create' | 'update' | 'destroy' | 'expire', listener: (sid: string, elsewhere?: ChangeElsewhere) => void): this;
  once(event: 'set', listener: (sid: string) => void): this;
  once(event: 'touch', listener: (sid: string, session: session.SessionData) => void): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;

  /** The same as `on`. */
  addListener(event: 'connected' | 'disconnected' | 'reconnected' | 'disconnect' | 'connect', listener: () => void): this;
  addListener(event: 'error', listener: (error: MongoDBStoreError) => void): this;
  addListener(event: 'create' | 'update' | 'destroy' | 'expire', listener: (sid: string, elsewhere?: ChangeElsewhere) => void): this;
  addListener(event: 'set', listener: (sid: string) => void): this;
  addListener(event: 'touch', listener: (sid: string, session: session.SessionData) => void): this;
  addListener(event: string | symbol, listener: (...args: any[]) => void): this;

  /** Takes a listener away. */
  off(event: 'connected' | 'disconnected' | 'reconnected' | 'disconnect' | 'connect', listener: () => void): this;
  off(event: 'error', listener: (error: MongoDBStoreError) => void): this;
  off(event: 'create' | 'update' | 'destroy' | 'expire', listener: (sid: string, elsewhere?: ChangeElsewhere) => void): this;
  off(event: 'set', listener: (sid: string) => void): this;
  off(event: 'touch', listener: (sid: string, session: session.SessionData) => void): this;
  off(event: string | symbol, listener: (...args: any[]) => void): this;

  /** The same as `off`. */
  removeListener(event: 'connected' | 'disconnected' | 'reconnected' | 'disconnect' | 'connect', listener: () => void): this;
  removeListener(event: 'error', listener: (error: MongoDBStoreError) => void): this;
  removeListener(event: 'create' | 'update' | 'destroy' | 'expire', listener: (sid: string, elsewhere?: ChangeElsewhere) => void): this;
  removeListener(event: 'set', listener: (sid: string) => void): this;
  removeListener(event: 'touch', listener: (sid: string, session: session.SessionData) => void): this;
  removeListener(event: string | symbol, listener: (...args: any[]) => void): this;

  /** Calls the listeners of an event. Returns whether there were any. */
  emit(event: 'connected' | 'disconnected' | 'reconnected' | 'disconnect' | 'connect'): boolean;
  emit(event: 'error', error: Error): boolean;
  emit(event: 'create' | 'update' | 'destroy' | 'expire', sid: string, elsewhere?: ChangeElsewhere): boolean;
  emit(event: 'set', sid: string): boolean;
  emit(event: 'touch', sid: string, session: session.SessionData): boolean;
  emit(event: string | symbol, ...args: any[]): boolean;
}
