import { EventEmitter } from 'events';
import { ReadConcern, ReadPreference, WriteConcern } from './concerns';
import { ConnectionOptions, ServerApi } from './connection-options';
import { Db } from './db';
import { NamespaceOptions } from './options';

/**
 * A client, with the Node driver's methods. Clients with equal settings share one connection pool in a
 * process. What the Node driver's client can do beyond this, such as transactions and change streams, takes
 * the package `mongodb`, without which it is an error.
 */
export class MongoClient extends EventEmitter {
  /** Makes a client and connects it. */
  static connect(uri: string, options?: ConnectionOptions | null): Promise<MongoClient>;

  /**
   * @param uri the connection string, `mongodb://` or `mongodb+srv://`
   * @param options win over those in the connection string
   * @throws MongoParseError when either cannot be understood
   */
  constructor(uri: string, options?: ConnectionOptions | null);

  /**
   * Waits until a server answers. Operations do so by themselves.
   *
   * @returns this client; rejects with a MongoServerSelectionError when no server answers within
   *   `serverSelectionTimeoutMS`
   */
  connect(): Promise<this>;

  /** Of reads, unless they say otherwise. */
  get readPreference(): ReadPreference;
  /** Of reads, unless they say otherwise. */
  get readConcern(): ReadConcern | undefined;
  /** Of writes, unless they say otherwise. */
  get writeConcern(): WriteConcern | undefined;
  /** The versioned API that servers hold it to. */
  get serverApi(): ServerApi | undefined;

  /** A database: by name, or the one of the connection string (else `test`). */
  db(name?: string | null, options?: NamespaceOptions): Db;

  /** Ends it: later operations are refused with a MongoNotConnectedError, until it is connected again. */
  close(force?: boolean): Promise<void>;

  /** The same as `close`. */
  asyncDispose(): Promise<void>;
}
