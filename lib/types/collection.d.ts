import { ReadConcern, ReadPreference, WriteConcern } from './concerns';
import { AggregationCursor, FindCursor } from './cursor';
import { Db, IndexDescriptionCompact } from './db';
import { Document, Filter, OptionalId, UpdateFilter, WithId, WithoutId } from './documents';
import {
  AggregateOptions, BulkWriteOptions, CountDocumentsOptions, CreateIndexesOptions, DeleteOptions,
  FindOneAndDeleteOptions, FindOneAndReplaceOptions, FindOneAndUpdateOptions, FindOptions, IndexDescription,
  IndexDescriptionInfo, IndexSpecification, InsertOptions, OperationOptions, ReadOptions, ReplaceOptions,
  UpdateOptions
} from './options';
import { DeleteResult, InsertManyResult, InsertOneResult, ModifyResult, UpdateResult } from './results';

// What is not marked as exported is not.
export {};

/** An update, by operators or by an aggregation pipeline. */
export type Update<T> = UpdateFilter<T> | Document[];

type WithMetadata = { includeResultMetadata: true };

/**
 * A collection, with the Node driver's methods and results. Errors of the server reject with a
 * MongoServerError. Other methods of the Node driver take the package `mongodb`, without which they are errors.
 */
export class Collection<T extends Document = Document> {
  private constructor();
  /** Its name, such as `sessions`. */
  get collectionName(): string;
  /** Its database's name. */
  get dbName(): string;
  /** Such as `test.sessions`. */
  get namespace(): string;
  /** Its database. */
  readonly db: Db;
  /** Of reads, unless they say otherwise. */
  get readPreference(): ReadPreference | undefined;
  /** Of reads, unless they say otherwise. */
  get readConcern(): ReadConcern | undefined;
  /** Of writes, unless they say otherwise. */
  get writeConcern(): WriteConcern | undefined;

  /** Reads the first document that matches; `null` when there is none. */
  findOne(filter?: Filter<T>, options?: FindOptions): Promise<WithId<T> | null>;
  findOne<U extends Document>(filter?: Filter<T>, options?: FindOptions): Promise<U | null>;

  /** Reads what matches; nothing is sent until the cursor is asked for a document. */
  find(filter?: Filter<T>, options?: FindOptions): FindCursor<WithId<T>>;
  find<U extends Document>(filter: Filter<T>, options?: FindOptions): FindCursor<U>;

  /** Inserts a document; gives it an `_id`, if it has none. */
  insertOne(document: OptionalId<T>, options?: InsertOptions): Promise<InsertOneResult<T>>;
  /** Inserts documents; gives an `_id` to those that have none. Rejects with a MongoBulkWriteError when one fails. */
  insertMany(documents: ReadonlyArray<OptionalId<T>>, options?: BulkWriteOptions): Promise<InsertManyResult<T>>;

  /** Changes the first document that matches. */
  updateOne(filter: Filter<T>, update: Update<T>, options?: UpdateOptions): Promise<UpdateResult<T>>;
  /** Changes every document that matches. */
  updateMany(filter: Filter<T>, update: Update<T>, options?: UpdateOptions): Promise<UpdateResult<T>>;
  /** Replaces the first document that matches. */
  replaceOne(filter: Filter<T>, replacement: WithoutId<T>, options?: ReplaceOptions): Promise<UpdateResult<T>>;

  /** Deletes the first document that matches. */
  deleteOne(filter?: Filter<T>, options?: DeleteOptions): Promise<DeleteResult>;
  /** Deletes every document that matches. */
  deleteMany(filter?: Filter<T>, options?: DeleteOptions): Promise<DeleteResult>;

  /** Changes one document and resolves with it as it was (`returnDocument: 'after'`: as it is now). */
  findOneAndUpdate(filter: Filter<T>, update: Update<T>, options: FindOneAndUpdateOptions & WithMetadata): Promise<ModifyResult<T>>;
  findOneAndUpdate(filter: Filter<T>, update: Update<T>, options?: FindOneAndUpdateOptions): Promise<WithId<T> | null>;
  /** Replaces one document and resolves with it as it was (`returnDocument: 'after'`: as it is now). */
  findOneAndReplace(filter: Filter<T>, replacement: WithoutId<T>, options: FindOneAndReplaceOptions & WithMetadata): Promise<ModifyResult<T>>;
  findOneAndReplace(filter: Filter<T>, replacement: WithoutId<T>, options?: FindOneAndReplaceOptions): Promise<WithId<T> | null>;
  /** Deletes one document and resolves with it. */
  findOneAndDelete(filter: Filter<T>, options: FindOneAndDeleteOptions & WithMetadata): Promise<ModifyResult<T>>;
  findOneAndDelete(filter: Filter<T>, options?: FindOneAndDeleteOptions): Promise<WithId<T> | null>;

  /** Counts what matches, exactly. */
  countDocuments(filter?: Filter<T>, options?: CountDocumentsOptions): Promise<number>;
  /** The number of documents by the server's own count: fast, and roughly right. */
  estimatedDocumentCount(options?: ReadOptions): Promise<number>;
  /** The different values of a field, or of a dotted path. */
  distinct<Field extends keyof WithId<T> & string>(field: Field, filter?: Filter<T>, options?: ReadOptions): Promise<Array<WithId<T>[Field] extends ReadonlyArray<infer Item> ? Item : WithId<T>[Field]>>;
  distinct(path: string, filter?: Filter<T>, options?: ReadOptions): Promise<any[]>;
  /** Runs a pipeline; nothing is sent until the cursor is asked for a document. */
  aggregate<U extends Document = Document>(pipeline?: Document[], options?: AggregateOptions): AggregationCursor<U>;

  /** Makes an index, unless it is there; resolves with its name. */
  createIndex(keys: IndexSpecification, options?: CreateIndexesOptions): Promise<string>;
  /** Makes several indexes; resolves with their names. */
  createIndexes(indexes: IndexDescription[], options?: CreateIndexesOptions): Promise<string[]>;
  /** Deletes an index; resolves with the server's reply. */
  dropIndex(name: string, options?: OperationOptions): Promise<Document>;
  /** The indexes that are there. */
  indexes(options: OperationOptions & { full: false }): Promise<IndexDescriptionCompact>;
  indexes(options?: OperationOptions & { full?: true }): Promise<IndexDescriptionInfo[]>;

  /** Deletes the collection; resolves with `true`. */
  drop(options?: OperationOptions): Promise<boolean>;
}
