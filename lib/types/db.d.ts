import { Collection } from './collection';
import { MongoClient } from './client';
import { ReadConcern, ReadPreference, WriteConcern } from './concerns';
import { ListCollectionsCursor } from './cursor';
import { Document } from './documents';
import {
  CollectionInfo, IndexDirection, ListCollectionsOptions, NamespaceOptions, OperationOptions, RunCommandOptions
} from './options';

/** Keys of indexes, by the indexes' names. */
export interface IndexDescriptionCompact {
  [name: string]: Array<[path: string, direction: IndexDirection]>;
}

/**
 * A database, with the Node driver's methods and results. Other methods of the Node driver take the package
 * `mongodb`, without which they are errors.
 */
export class Db {
  private constructor();
  /** The client it belongs to. */
  readonly client: MongoClient;
  /** Its name. */
  get databaseName(): string;
  /** The same as `databaseName`. */
  get namespace(): string;
  /** What it was made with, and what it has from the client. */
  get options(): NamespaceOptions;
  /** Of reads, unless they say otherwise. */
  get readPreference(): ReadPreference | undefined;
  /** Of reads, unless they say otherwise. */
  get readConcern(): ReadConcern | undefined;
  /** Of writes, unless they say otherwise. */
  get writeConcern(): WriteConcern | undefined;
  /** Whether a secondary may be read from. */
  get secondaryOk(): boolean;

  /** @param name taken as it is: the server refuses a bad one */
  collection<T extends Document = Document>(name: string, options?: NamespaceOptions): Collection<T>;

  /** Runs any command; its first key is the command's name. Resolves with the server's reply. */
  command(command: Document, options?: RunCommandOptions): Promise<Document>;

  /** The commands of the `admin` database. */
  admin(): Admin;

  /** The collections that are there, described. */
  listCollections(filter: Document, options: ListCollectionsOptions & { nameOnly: true }): ListCollectionsCursor<Pick<CollectionInfo, 'name' | 'type'>>;
  listCollections(filter?: Document, options?: ListCollectionsOptions): ListCollectionsCursor<CollectionInfo>;

  /** Deletes the database and all that is in it; resolves with `true`. */
  dropDatabase(options?: OperationOptions): Promise<boolean>;
}

/** What `db.admin()` returns. */
export class Admin {
  private constructor();
  /** Resolves with `{ ok: 1 }` when a server answers. */
  ping(options?: RunCommandOptions): Promise<Document>;
  /** Runs any command on the `admin` database. */
  command(command: Document, options?: RunCommandOptions): Promise<Document>;
}
