import { Collection } from './collection';
import { MongoClient } from './client';
import { ReadConcern, ReadPreference, WriteConcern } from './concerns';
import { AggregationCursor, ListCollectionsCursor } from './cursor';
import { Document } from './documents';
import {
  AggregateOptions, CollectionInfo, CreateCollectionOptions, CreateIndexesOptions, IndexDescriptionInfo, IndexDirection,
  IndexSpecification, ListCollectionsOptions, NamespaceOptions, OperationOptions, RenameOptions, RunCommandOptions
} from './options';

/** Keys of indexes, by the indexes' names. */
export interface IndexDescriptionCompact {
  [name: string]: Array<[path: string, direction: IndexDirection]>;
}

/** A database, with the Node driver's methods and results. */
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

  /** The collections that are there. */
  collections(options?: ListCollectionsOptions): Promise<Collection[]>;
  /** Makes a collection that needs options; others come with their first document. */
  createCollection<T extends Document = Document>(name: string, options?: CreateCollectionOptions): Promise<Collection<T>>;
  /** Deletes a collection; resolves with `true`. */
  dropCollection(name: string, options?: OperationOptions): Promise<boolean>;
  /** Resolves with the collection under its new name. */
  renameCollection<T extends Document = Document>(from: string, to: string, options?: RenameOptions): Promise<Collection<T>>;

  /** A pipeline that begins with a stage of its own, such as `$currentOp`. */
  aggregate<T extends Document = Document>(pipeline?: Document[], options?: AggregateOptions): AggregationCursor<T>;
  /** Sizes and counts; `scale` is the unit of sizes, in bytes. */
  stats(options?: OperationOptions & { scale?: number }): Promise<Document>;
  /** The same as `collection(name).createIndex()`. */
  createIndex(name: string, keys: IndexSpecification, options?: CreateIndexesOptions): Promise<string>;
  /** The same as `collection(name).indexInformation()`. */
  indexInformation(name: string, options: OperationOptions & { full: true }): Promise<IndexDescriptionInfo[]>;
  indexInformation(name: string, options?: OperationOptions & { full?: false }): Promise<IndexDescriptionCompact>;

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
  /** The server's version and how it was built. */
  buildInfo(options?: RunCommandOptions): Promise<Document>;
  /** The same as `buildInfo`. */
  serverInfo(options?: RunCommandOptions): Promise<Document>;
  /** The server's state and counters. */
  serverStatus(options?: RunCommandOptions): Promise<Document>;
  /** The replica set's state. */
  replSetGetStatus(options?: RunCommandOptions): Promise<Document>;
  /** The databases that are there. */
  listDatabases(options?: OperationOptions & { filter?: Document; nameOnly?: boolean; authorizedDatabases?: boolean }): Promise<ListDatabasesResult>;
}

/** What `listDatabases` gives. */
export interface ListDatabasesResult {
  /** Sizes in bytes. */
  databases: Array<{ name: string; sizeOnDisk?: number; empty?: boolean }>;
  /** Bytes. */
  totalSize?: number;
  /** Mebibytes. */
  totalSizeMb?: number;
  /** 1. */
  ok: number;
}
