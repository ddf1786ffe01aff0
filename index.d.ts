import { ConnectionOptions as Connection } from './lib/types/connection-options';
import * as types from './lib/types/store';

export = ConnectMongoDBSession;

/**
 * Makes the store class for a session middleware: the package's one export.
 *
 * @example
 * ```ts
 * import session from 'express-session';
 * import connectMongoDBSession from 'connect-mongodb-session';
 *
 * const MongoDBStore = connectMongoDBSession(session);
 * const store = new MongoDBStore({ uri: process.env.MONGODB_URI });
 * store.on('error', (error) => console.error(error));
 * ```
 */
declare const ConnectMongoDBSession: ConnectMongoDBSession.Factory;

declare namespace ConnectMongoDBSession {
  /** What the package exports: a function that can also be called with `new`. */
  interface Factory {
    /**
     * @param middleware `express-session`, or any object that carries a store class as `Store` or as
     *   `session.Store` (Express 3)
     * @returns the store class, a subclass of that `Store`
     * @throws TypeError when there is no store class in it
     */
    (middleware: SessionMiddleware): MongoDBStoreConstructor;

    /** The same as calling it, for `new factory(session)(options)`. */
    new (middleware: SessionMiddleware): MongoDBStoreConstructor;

    /**
     * Here for types alone, as in `let Store: typeof MongoDBStore`.
     *
     * @deprecated It is not the store class: calling or constructing it throws a TypeError. The class is
     *   what `connectMongoDBSession(session)` returns.
     */
    readonly MongoDBStore: MongoDBStoreConstructor;
  }

  /** What brings the `Store` class that the store extends. */
  type SessionMiddleware = { readonly Store: StoreBase } | { readonly session: { readonly Store: StoreBase } };

  /**
   * A class, or a plain constructor function. It need not be an event emitter: the store is one anyway. The types of
   * `@fastify/session` say that its class is an instance of itself; that is taken too.
   */
  type StoreBase = (abstract new (...args: any[]) => unknown) | ((...args: any[]) => unknown) | StoreLike;

  /** What has the methods of a session store. */
  type StoreLike = { get(...args: any[]): unknown; set(...args: any[]): unknown; destroy(...args: any[]): unknown };

  /** The store class. It can be called without `new`, and be extended by a class. */
  interface MongoDBStoreConstructor {
    /**
     * Opens a store with default options.
     *
     * @param callback see the other form
     */
    new (callback: ConnectCallback): MongoDBStore;

    /**
     * Opens a store. It connects by itself and takes operations at once; they wait for the connection.
     *
     * @param options every one has a default
     * @param callback called once: with nothing when the store is connected and its indexes are there, with
     *   the error when that failed. Without it, a connection that fails is also an unhandled rejection.
     * @throws CastError when an option has a value that cannot be cast, such as `expires: 'soon'`
     * @throws MongoParseError when `uri` or `connectionOptions` cannot be understood
     */
    new (options?: MongoDBSessionOptions | null, callback?: ConnectCallback): MongoDBStore;

    /** The same as with `new`. */
    (callback: ConnectCallback): MongoDBStore;

    /** The same as with `new`. */
    (options?: MongoDBSessionOptions | null, callback?: ConnectCallback): MongoDBStore;

    /** What stores inherit from. */
    readonly prototype: MongoDBStore;
  }

  /** Options of a store. All are optional; `undefined` and `null` stand for the default. */
  interface MongoDBSessionOptions {
    /**
     * The connection string, `mongodb://` or `mongodb+srv://`. One that is given and `undefined`, as from an environment
     * variable that is not set, is warned about.
     *
     * @defaultValue `'mongodb://127.0.0.1:27017/test'`
     */
    uri?: string | null | undefined;

    /**
     * The collection that holds the sessions.
     *
     * @defaultValue `'sessions'`
     */
    collection?: string | null | undefined;

    /**
     * The database that holds the sessions.
     *
     * @defaultValue the database of the `uri`, else `'test'`
     */
    databaseName?: string | null | undefined;

    /**
     * Milliseconds after which a session expires whose cookie has no date of its own (a session without
     * `cookie.maxAge`). Or a function that gives them at every save and touch, whatever the cookie says; `undefined`
     * leaves it to the cookie, or else to two weeks.
     *
     * @defaultValue `1209600000` (two weeks)
     */
    expires?: number | ((session: any) => number | undefined) | null | undefined;

    /** Settings of the connection, the Node driver's `MongoClientOptions`. They win over those in the `uri`. */
    connectionOptions?: ConnectionOptions | null | undefined;
    /**
     * The application's own client, in the place of `uri` and `connectionOptions`: a `MongoClient` of the `mongodb`
     * package 4 to 7, a Mongoose 6 to 9 (`mongoose` or one of its connections), or a promise of one of them. Only its
     * settings are taken: the store keeps a small pool of connections of its own. `client`, `db` and `collection` of the
     * store are the application's, `null` until a promised client is there, and `close()` leaves them open.
     *
     * @throws TypeError when it is none of these
     */
    client?: object | null | undefined;

    /**
     * The field that holds the session id. Where it is not `_id`, a unique index on it is made.
     *
     * @defaultValue `'_id'`
     */
    idField?: string | null | undefined;

    /**
     * The field that holds the date a session expires at, and that MongoDB's expiry index is on.
     *
     * @defaultValue `'expires'`
     */
    expiresKey?: string | null | undefined;

    /**
     * Seconds after the date in `expiresKey` at which MongoDB deletes a session. Azure Cosmos DB counts them
     * from a document's last change.
     *
     * @defaultValue `0`
     */
    expiresAfterSeconds?: number | null | undefined;

    /**
     * Whether operations that wait at the same time may share one command to the server.
     *
     * @defaultValue `true`
     */
    batching?: boolean | null | undefined;

    /**
     * How expired sessions are removed: by MongoDB's expiry index, by this store every `autoRemoveInterval`
     * minutes, or not at all. An expiry index that is already there is left alone.
     *
     * @defaultValue `'native'`
     */
    autoRemove?: 'native' | 'interval' | 'disabled' | null | undefined;

    /**
     * Minutes from one removal to the next, give or take a tenth, with `autoRemove: 'interval'`.
     *
     * @defaultValue `10`
     */
    autoRemoveInterval?: number | null | undefined;

    /**
     * Whether the store makes its indexes. `false` is for users without the right to: make an expiry index on
     * `expiresKey` yourself, and a unique one on `idField` where that is not `_id`.
     *
     * @defaultValue `true`
     */
    createIndexes?: boolean | null | undefined;

    /**
     * Whether requests go on without a session (`req.session` is `undefined`) while MongoDB is away, instead of
     * waiting for it and failing: the store then emits `disconnect` and `connect`, on which express-session does so.
     *
     * @defaultValue `false`
     */
    degrade?: boolean | null | undefined;

    /**
     * Which members of a replica set sessions are read from. Other than `'primary'`, sessions may be read as they were
     * before the last save. `store.client` keeps its own.
     *
     * @defaultValue none: that of the connection, which is `'primary'` where neither `uri` nor `connectionOptions` say otherwise
     */
    readPreference?: 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest' | null | undefined;

    /**
     * Gives whose a session is: a string, a finite number or an ObjectId, at once; `undefined` or `null` for nobody. It is
     * stored beside the session whenever that is saved, and removed when there is nobody; with `crypto` as an
     * HMAC-SHA-256, with `hashIds` alone as the SHA-256. `sessionsOf`, `destroyUser` and `maxSessionsPerUser` need it.
     *
     * @defaultValue none: the store does not know whose sessions are
     */
    user?: ((session: any) => User | null | undefined) | null | undefined;

    /**
     * The field that says whose a session is, on which a sparse index is made.
     *
     * @defaultValue `'user'`
     */
    userField?: string | null | undefined;

    /**
     * How many live sessions a user may have. A login that makes one more ends those that the user logged in to first;
     * the server's time of each login is stored as `userSince`.
     *
     * @defaultValue none: as many as there are
     */
    maxSessionsPerUser?: number | null | undefined;

    /**
     * Milliseconds after which a session ends, counted from its creation, however active it is: the end is stored as
     * `endsAt`, and no expiry goes beyond. A session that takes the place of another one (`req.session.regenerate()`)
     * begins anew, unless `keepOnRegenerate` is true. Sessions that were there before the option begin with their next
     * save or touch.
     *
     * @defaultValue none: sessions live as long as they are renewed
     */
    maxLifetime?: number | LifetimeOptions | null | undefined;

    /**
     * Whether documents say when their session was created (`createdAt`, by this process's clock) and when it was saved
     * or touched last (`updatedAt`, by the server's), as with connect-mongo 6. One that was there before gets no
     * `createdAt`.
     *
     * @defaultValue `false`
     */
    timestamps?: boolean | null | undefined;

    /**
     * How a member of a session that is `undefined` is stored: as null, as by the original, or not at all. With
     * `'absent'`, a request that sets a member to `undefined` again changes nothing, and saves nothing.
     *
     * @defaultValue `'null'`, or `'absent'` with `connectionOptions: { ignoreUndefined: true }`
     */
    undefinedAs?: 'null' | 'absent' | null | undefined;

    /**
     * Seconds: a touch that would move a session's expiry by less than this, and change nothing else of its
     * cookie, is skipped. So a session may expire up to this much earlier; with `Infinity`, when it was saved last says.
     *
     * @defaultValue `0`: every touch is sent
     */
    touchAfter?: number | null | undefined;

    /**
     * Whether a save writes only the top-level keys of the session that changed since the request loaded it,
     * so that parallel requests that change different keys keep each other's work.
     *
     * @defaultValue `false`
     */
    partialUpdates?: boolean | null | undefined;

    /**
     * Whether a session that was destroyed after a request loaded it stays destroyed when that request saves
     * it. Such a save succeeds and stores nothing.
     *
     * @defaultValue `false`
     */
    preventResurrection?: boolean | null | undefined;

    /**
     * Encrypts sessions in the database (AES-256-GCM). Not together with `partialUpdates`.
     *
     * @defaultValue none: sessions are stored as they are
     */
    crypto?: CryptoOptions | null | undefined;

    /**
     * Whether sessions are stored under the SHA-256 of their ids, in hexadecimal; with `crypto`, under an
     * HMAC-SHA-256 with a key derived from its secret. Who reads the database then learns no id.
     *
     * @defaultValue `false`
     */
    hashIds?: boolean | null | undefined;

    /**
     * Gives the id that a session is stored under: a text that is not empty, at once. With `hashIds`, that is
     * hashed.
     *
     * @defaultValue none: sessions are stored under their own ids
     */
    transformId?: ((sid: string) => string) | null | undefined;

    /**
     * Gives what is stored for a session, at once. A touch then moves the expiry alone: where the cookie is in
     * it, only the application knows.
     *
     * @defaultValue none: sessions are stored as documents
     */
    serialize?: ((session: any) => unknown) | null | undefined;

    /**
     * Gives the session for what is stored, at once.
     *
     * @defaultValue none: documents are sessions, and texts are taken for JSON
     */
    unserialize?: ((stored: any) => object) | null | undefined;

    /**
     * Emits `create`, `update`, `destroy` and `expire` also for what other processes, and MongoDB itself, do to sessions. Needs a
     * replica set or a sharded cluster; see docs/watching.md.
     *
     * @defaultValue `false`
     */
    watch?: boolean | null | undefined;
  }

  /** How long sessions live at most. */
  interface LifetimeOptions {
    /** Milliseconds from the creation. */
    ms: number;

    /**
     * Whether a session that `req.session.regenerate()` makes ends when the one before it would have ended.
     *
     * @defaultValue `false`
     */
    keepOnRegenerate?: boolean;
  }

  /** Encryption of sessions at rest. */
  interface CryptoOptions {
    /**
     * A passphrase of at least 8 characters, or at least 32 random bytes. Of several, the first encrypts and all
     * decrypt.
     */
    secret: string | Uint8Array | Array<string | Uint8Array>;

    /**
     * Whether sessions that are not encrypted are errors.
     *
     * @defaultValue `false`
     */
    required?: boolean;

    /**
     * The secret with which connect-mongo 3 to 6 encrypted sessions, or several: those are read, and encrypted in this
     * package's format when they are saved next.
     *
     * @defaultValue none: they are errors
     */
    connectMongo?: string | string[];
  }

  /** Settings of the connection. An application's `MongoClientOptions` of the Node driver fit. */
  type ConnectionOptions = Connection;

  /** A store: what `new` on the store class gives. */
  type MongoDBStore = types.MongoDBStore;

  /** The options a store works with: cast, and with their defaults. */
  type MongoDBStoreOptions = types.MongoDBStoreOptions;

  /** A session as it is stored. */
  type StoredSession = types.StoredSession;

  /** What is known, beside its id, of a session that another process has changed. */
  type ChangeElsewhere = types.ChangeElsewhere;

  /** What callbacks, rejected promises and `error` listeners get. */
  type MongoDBStoreError = types.MongoDBStoreError;

  /** A user, as the option `user` gives it. */
  type User = types.User;

  /** A session that was found, by `find` or `sessionsOf`. */
  type FoundSession = types.FoundSession;

  /** Which sessions of a user `sessionsOf` and `destroyUser` mean. */
  type UserOptions = types.UserOptions;

  /** What `find` takes beside a filter. */
  type FindOptions = types.FindOptions;

  /** What `stats()` gives. */
  type MongoDBStoreStats = types.MongoDBStoreStats;

  /** The operations of one method, in `stats()`. */
  type OperationStats = types.OperationStats;

  /** The constructor's callback. */
  type ConnectCallback = types.ConnectCallback;

  /** The callback of `set`, `touch`, `destroy` and `clear`. */
  type DoneCallback = types.DoneCallback;

  /** The callback of `get`. */
  type GetCallback = types.GetCallback;

  /** The callback of `all`. */
  type AllCallback = types.AllCallback;

  /** The callback of `length`. */
  type LengthCallback = types.LengthCallback;
}
