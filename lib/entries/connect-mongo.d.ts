import session = require('express-session');
import { ConnectionOptions, WriteConcernLike } from '../types/connection-options';
import { Db, MongoClient, SessionCollection } from '../types/installed';
// The types of `all`, of every store.
import '../types/store';

export = MongoStore;

/**
 * connect-mongo's door: the class of the package connect-mongo, versions 4 to 6, on this package's store.
 *
 * @example
 * ```ts
 * import session from 'express-session';
 * import MongoStore from 'connect-mongodb-session/connect-mongo';
 *
 * const store = MongoStore.create({ mongoUrl: process.env.MONGODB_URI });
 * ```
 */
declare class MongoStore<T extends session.SessionData = session.SessionData> extends session.Store {
  /**
   * @throws Error without `mongoUrl`, `client` and `clientPromise`, or with both `crypto` and `cryptoAdapter`
   * @throws CastError for options that cannot be used
   */
  constructor(options: MongoStore.ConnectMongoOptions<T>);

  /** The same as `new MongoStore(options)`. */
  static create<U extends session.SessionData = session.SessionData>(options: MongoStore.ConnectMongoOptions<U>): MongoStore<U>;

  /**
   * The collection, once the store is connected and has made its index: the application's own, where it gave a client.
   * It rejects with the driver's error; where nobody takes that, and nobody listens for `error`, the process is told
   * as of any rejection.
   */
  readonly collectionP: Promise<SessionCollection<MongoStore.StoredSession<T>>>;
  /** The options as they were given, with defaults. */
  readonly options: MongoStore.ConnectMongoOptions<T>;
  /** The application's client, where it gave one; `null` until a promised one is there. */
  readonly client: MongoClient;
  /** The database; `null` until a promised client is there. */
  readonly db: Db;
  /** The collection; `null` until a promised client is there. */
  readonly collection: SessionCollection<MongoStore.StoredSession<T>>;

  /** Reads a session: `null` where there is none. Without a callback it returns a promise, as every method. */
  get(sid: string, callback: (err: any, session?: T | null) => void): void;
  /** @returns the session; `null` where there is none */
  get(sid: string): Promise<T | null>;
  /** Saves a session. */
  set(sid: string, session: T, callback: (err?: any) => void): void;
  /** An error is for whoever awaits the promise; otherwise nobody hears of it. */
  set(sid: string, session: T): Promise<void>;
  /** Moves the expiry of a session. */
  touch(sid: string, session: T & { lastModified?: Date }, callback: (err?: any) => void): void;
  /** As `set`. */
  touch(sid: string, session: T & { lastModified?: Date }): Promise<void>;
  /** All sessions that have not expired. */
  all(callback: (err: any, obj?: T[] | { [sid: string]: T } | null) => void): void;
  /** @returns all sessions that have not expired */
  all(): Promise<T[]>;
  /** Deletes a session. */
  destroy(sid: string, callback: (err?: any) => void): void;
  /** As `set`. */
  destroy(sid: string): Promise<void>;
  /** Counts the sessions that have not expired. */
  length(callback: (err: any, length: number) => void): void;
  /** @returns how many sessions have not expired */
  length(): Promise<number>;
  /** Deletes all sessions, expired ones as well. */
  clear(callback: (err?: any) => void): void;
  /** As `set`. */
  clear(): Promise<void>;
  /** Closes the store's connections. A client that the application gave stays open. */
  close(): Promise<void>;
}

declare namespace MongoStore {
  export { MongoStore, MongoStore as default };

  /** What `create` and the constructor take. */
  export interface ConnectMongoOptions<T extends session.SessionData = session.SessionData> {
    /** The connection string. */
    mongoUrl?: string | undefined;
    /** The application's own client, of the package `mongodb` 4 to 7, a Mongoose or a connection of it: the store takes its settings. */
    client?: object | undefined;
    /** A promise of such a client. */
    clientPromise?: Promise<object> | undefined;
    /** The driver's options, beside `mongoUrl`. */
    mongoOptions?: ConnectionOptions | undefined;
    /** The database. @defaultValue that of the connection string or client, else `test` */
    dbName?: string | undefined;
    /** The collection. @defaultValue `'sessions'` */
    collectionName?: string | undefined;
    /** Seconds after which a session expires whose cookie has no date. @defaultValue 1209600, two weeks */
    ttl?: number | undefined;
    /** Seconds in which a session is touched once at most. @defaultValue 0, which touches it every time */
    touchAfter?: number | undefined;
    /** Whether sessions are stored as JSON text; as documents otherwise. Both are read. @defaultValue `true` */
    stringify?: boolean | undefined;
    /** Gives what is stored of a session, in the place of `stringify`. */
    serialize?: ((session: T) => any) | undefined;
    /** Gives the session of what is stored. @defaultValue what is stored, where there is a `serialize` */
    unserialize?: ((stored: any) => T) | undefined;
    /** Gives the id that a session is stored under. */
    transformId?: ((sid: string) => string) | undefined;
    /** How expired sessions are removed. @defaultValue `'native'`, by MongoDB */
    autoRemove?: 'native' | 'interval' | 'disabled' | undefined;
    /** Minutes between removals with `autoRemove: 'interval'`. @defaultValue 10 */
    autoRemoveInterval?: number | undefined;
    /** @deprecated It has no effect, as in connect-mongo. */
    createAutoRemoveIdx?: boolean | undefined;
    /** The write concern of the store's writes. @defaultValue the client's */
    writeOperationOptions?: WriteConcernLike | undefined;
    /** Encrypts sessions. */
    crypto?: CryptoOptions | undefined;
    /** Lets the application encrypt sessions, in the place of `crypto`. */
    cryptoAdapter?: CryptoAdapter | null | undefined;
    /** Whether documents have the dates `createdAt` and `updatedAt`. @defaultValue `false` */
    timestamps?: boolean | undefined;
  }

  /** What `crypto` takes. */
  export interface CryptoOptions {
    /** The password; `false` for no encryption. */
    secret: string | false;
    /** Of connect-mongo's format, as what follows. @defaultValue `'aes-256-gcm'` */
    algorithm?: string | undefined;
    /** @defaultValue `'sha512'` */
    hashing?: string | undefined;
    /** @defaultValue `'base64'` */
    encodeas?: string | undefined;
    /** Bytes. @defaultValue 32 */
    key_size?: number | undefined;
    /** Bytes. @defaultValue 16 */
    iv_size?: number | undefined;
    /** Bytes. @defaultValue 16 */
    at_size?: number | undefined;
  }

  /** What `cryptoAdapter` takes. */
  export interface CryptoAdapter {
    /** Encrypts the text of a session. */
    encrypt: (plaintext: string) => Promise<string>;
    /** Decrypts it; rejects for what it has not encrypted. */
    decrypt: (ciphertext: string) => Promise<string>;
  }

  /** What `createWebCryptoAdapter` takes. */
  export interface WebCryptoAdapterOptions {
    /** The password, or bytes. */
    secret: string | ArrayBuffer | ArrayBufferView;
    /** Bytes of the random start. @defaultValue 12 for AES-GCM, 16 for AES-CBC */
    ivLength?: number | undefined;
    /** How it is written as text. @defaultValue `'base64'` */
    encoding?: 'base64' | 'base64url' | 'hex' | undefined;
    /** @defaultValue `'AES-GCM'` */
    algorithm?: 'AES-GCM' | 'AES-CBC' | undefined;
    /** Of the key. @defaultValue connect-mongo's */
    salt?: string | ArrayBuffer | ArrayBufferView | undefined;
    /** Of PBKDF2 with SHA-256. @defaultValue 310000 */
    iterations?: number | undefined;
  }

  /** A session as it is stored. */
  export interface StoredSession<T extends session.SessionData = session.SessionData> {
    /** The session's id, or what `transformId` gave. */
    _id: any;
    /** Text, or what the session holds. */
    session: T | string;
    /** The date it expires at. */
    expires?: Date;
    /** The last save or touch. With `touchAfter`. */
    lastModified?: Date;
    /** With `timestamps`. */
    createdAt?: Date;
    /** With `timestamps`. */
    updatedAt?: Date;
    [field: string]: any;
  }

  /**
   * As the option `cryptoAdapter`, the same as the option `crypto` with what is given. Its functions are not for calling.
   *
   * @throws TypeError without a secret
   */
  export function createKrupteinAdapter(options: CryptoOptions): CryptoAdapter;

  /**
   * connect-mongo 6's adapter on Web Crypto. What one of the two packages has encrypted, the other one reads.
   *
   * @throws TypeError for options that cannot be used
   */
  export function createWebCryptoAdapter(options: WebCryptoAdapterOptions): CryptoAdapter;
}
