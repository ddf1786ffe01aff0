import { ReadConcernLevel, ReadPreferenceMode, ReturnDocument } from './concerns';
import { ReadPreferenceLike, WriteConcernLike } from './connection-options';
import { Document, Hint, Sort } from './documents';

/** Rules for comparing text. */
export interface Collation {
  /** The language, such as `'en'`. */
  locale: string;
  /** Whether case counts at strengths 1 and 2. */
  caseLevel?: boolean;
  /** Which case comes first: `'upper'`, `'lower'` or `'off'`. */
  caseFirst?: string;
  /** 1 (base letters) to 5 (everything). */
  strength?: number;
  /** Whether digits compare as numbers. */
  numericOrdering?: boolean;
  /** Whether spaces and punctuation count: `'non-ignorable'` or `'shifted'`. */
  alternate?: string;
  /** What `'shifted'` ignores: `'punct'` or `'space'`. */
  maxVariable?: string;
  /** Whether accents compare from the end. */
  backwards?: boolean;
  /** Whether text is normalized first. */
  normalization?: boolean;
}

/** Options of every operation. What is left out comes from the collection, the database, or the client. */
export interface OperationOptions {
  /** Milliseconds that the operation may take in all. */
  timeoutMS?: number;
  /** Leave out members that are `undefined`, instead of storing `null`. @defaultValue `false` */
  ignoreUndefined?: boolean;
  /** Shown in the server's log and profiler. */
  comment?: unknown;
  /** Milliseconds of work that the server may spend on it. */
  maxTimeMS?: number;
}

/** Options of operations that read. */
export interface ReadOptions extends OperationOptions {
  /** Which members may serve it. */
  readPreference?: ReadPreferenceMode | ReadPreferenceLike;
  /** What it may see. */
  readConcern?: ReadConcernLevel | { level: string };
  /** Rules for comparing text. */
  collation?: Collation;
  /** The index to use. */
  hint?: Hint;
}

/** Options of operations that write. */
export interface WriteOptions extends OperationOptions {
  /** What it waits for. */
  writeConcern?: WriteConcernLike;
}

/** Options of `find` and `findOne`. */
export interface FindOptions extends ReadOptions {
  /** In which order. */
  sort?: Sort;
  /** Which fields. */
  projection?: Document;
  /** How many documents to leave out at the start. */
  skip?: number;
  /** The most documents; 0 for all. */
  limit?: number;
  /** Documents per reply of the server. */
  batchSize?: number;
  /** Close after the server's first reply. */
  singleBatch?: boolean;
  /** Whether the server may use its disk. */
  allowDiskUse?: boolean;
  /** Variables for expressions. */
  let?: Document;
}

/** Options of `aggregate`. */
export interface AggregateOptions extends ReadOptions, WriteOptions {
  /** Whether the server may use its disk. */
  allowDiskUse?: boolean;
  /** Documents per reply of the server. */
  batchSize?: number;
  /** Whether to skip the collection's validation. @defaultValue `false` */
  bypassDocumentValidation?: boolean;
  /** Variables for expressions. */
  let?: Document;
}

/** Options of `countDocuments`. */
export interface CountDocumentsOptions extends ReadOptions {
  /** How many documents to leave out at the start. */
  skip?: number;
  /** The most documents; 0 for all. */
  limit?: number;
}

/** Options of inserts. */
export interface InsertOptions extends WriteOptions {
  /** Whether to skip the collection's validation. @defaultValue `false` */
  bypassDocumentValidation?: boolean;
  /** Let the server make missing `_id`s. @defaultValue `false` */
  forceServerObjectId?: boolean;
}

/** Options of inserts of several documents. */
export interface BulkWriteOptions extends InsertOptions {
  /** Stop at the first error. @defaultValue `true` */
  ordered?: boolean;
}

/** Options of `updateOne` and `updateMany`. */
export interface UpdateOptions extends WriteOptions {
  /** Insert a document when none is found. @defaultValue `false` */
  upsert?: boolean;
  /** Which elements of arrays `$[name]` in the update stands for. */
  arrayFilters?: Document[];
  /** Whether to skip the collection's validation. @defaultValue `false` */
  bypassDocumentValidation?: boolean;
  /** Rules for comparing text. */
  collation?: Collation;
  /** The index to use. */
  hint?: Hint;
  /** Variables for expressions. */
  let?: Document;
}

/** Options of `replaceOne`. */
export interface ReplaceOptions extends Omit<UpdateOptions, 'arrayFilters'> {}

/** Options of deletes. */
export interface DeleteOptions extends WriteOptions {
  /** Rules for comparing text. */
  collation?: Collation;
  /** The index to use. */
  hint?: Hint;
  /** Variables for expressions. */
  let?: Document;
}

/** Options of `findOneAndDelete`. */
export interface FindOneAndDeleteOptions extends DeleteOptions {
  /** Which fields. */
  projection?: Document;
  /** In which order. */
  sort?: Sort;
  /** Resolve with the server's reply (`value`, `lastErrorObject`, `ok`). @defaultValue `false` */
  includeResultMetadata?: boolean;
}

/** Options of `findOneAndReplace`. */
export interface FindOneAndReplaceOptions extends FindOneAndDeleteOptions {
  /** Insert a document when none is found. @defaultValue `false` */
  upsert?: boolean;
  /** @defaultValue `'before'` */
  returnDocument?: ReturnDocument;
  /** Whether to skip the collection's validation. @defaultValue `false` */
  bypassDocumentValidation?: boolean;
}

/** Options of `findOneAndUpdate`. */
export interface FindOneAndUpdateOptions extends FindOneAndReplaceOptions {
  /** Which elements of arrays `$[name]` in the update stands for. */
  arrayFilters?: Document[];
}

/** Order in an index, or its kind. */
export type IndexDirection = 1 | -1 | 'text' | 'hashed' | '2d' | '2dsphere' | (number & {}) | (string & {});

/** An index's keys, in one of the forms of the Node driver. */
export type IndexSpecification =
  | string
  | ReadonlyArray<string>
  | { readonly [path: string]: IndexDirection }
  | ReadonlyArray<{ readonly [path: string]: IndexDirection }>
  | ReadonlyMap<string, IndexDirection>
  | ReadonlyArray<readonly [string, IndexDirection]>;

/** Properties of an index. */
export interface IndexProperties {
  /** @defaultValue made of the keys, such as `expires_1` */
  name?: string;
  /** Refuse documents with the same keys. @defaultValue `false` */
  unique?: boolean;
  /** Leave out documents without the fields. @defaultValue `false` */
  sparse?: boolean;
  /** Keep it, but do not use it. @defaultValue `false` */
  hidden?: boolean;
  /** Only documents that match. */
  partialFilterExpression?: Document;
  /** Seconds after the indexed date at which the server deletes a document. */
  expireAfterSeconds?: number;
  /** Rules for comparing text. */
  collation?: Collation;
  /** The storage engine's own options. */
  storageEngine?: Document;
  /** No effect since MongoDB 4.2. */
  background?: boolean;
  /** Of its format. */
  version?: number;
  /** Of fields, for text. */
  weights?: Document;
  /** For text. */
  default_language?: string;
  /** The field with a document's language, for text. */
  language_override?: string;
  /** Of its format, for text. */
  textIndexVersion?: number;
  /** Of its format, for places on a sphere. */
  '2dsphereIndexVersion'?: number;
  /** Precision, for places on a plane. */
  bits?: number;
  /** The lowest coordinate, for places on a plane. */
  min?: number;
  /** The highest coordinate, for places on a plane. */
  max?: number;
  /** For geoHaystack indexes, which are no more. */
  bucketSize?: number;
  /** Which fields, for wildcard indexes. */
  wildcardProjection?: Document;
}

/** One index to make. */
export interface IndexDescription extends IndexProperties {
  /** The fields, each with its order or kind. */
  key: { [path: string]: IndexDirection } | Map<string, IndexDirection>;
}

/** Options of `createIndex` and `createIndexes`. */
export interface CreateIndexesOptions extends IndexProperties, OperationOptions {
  /** Members that must have built it. */
  commitQuorum?: number | string;
}

/** One index that is there. */
export interface IndexDescriptionInfo extends Document {
  /** Of its format. */
  v?: number;
  /** The fields, each with its order or kind. */
  key: { [path: string]: IndexDirection };
  /** Its name. */
  name: string;
}

/** Options of `db.collection()` and `client.db()`. */
export interface NamespaceOptions {
  /** Which members may serve it. */
  readPreference?: ReadPreferenceMode | ReadPreferenceLike;
  /** What it may see. */
  readConcern?: ReadConcernLevel | { level: string };
  /** What it waits for. */
  writeConcern?: WriteConcernLike;
  /** Leave out members that are `undefined`, instead of storing `null`. @defaultValue `false` */
  ignoreUndefined?: boolean;
  /** Let the server make missing `_id`s. @defaultValue `false` */
  forceServerObjectId?: boolean;
  /** Makes missing `_id`s. @defaultValue new ObjectIds */
  pkFactory?: { createPk(): any };
  /** Milliseconds that an operation may take in all. */
  timeoutMS?: number;
}

/** Options of `db.command()`. Reads are sent to the primary unless a read preference is given. */
export interface RunCommandOptions {
  /** Which members may serve it. */
  readPreference?: ReadPreferenceMode | ReadPreferenceLike;
  /** Leave out members that are `undefined`, instead of sending `null`. @defaultValue `false` */
  ignoreUndefined?: boolean;
  /** Milliseconds that the command may take in all. */
  timeoutMS?: number;
}

/** Options of `listCollections`. */
export interface ListCollectionsOptions extends OperationOptions {
  /** Only names and types. */
  nameOnly?: boolean;
  /** Only those that the user may use. @defaultValue `false` */
  authorizedCollections?: boolean;
  /** Collections per reply of the server. */
  batchSize?: number;
}

/** One collection. */
export interface CollectionInfo extends Document {
  /** Its name. */
  name: string;
  /** `'collection'`, `'view'` or `'timeseries'`. */
  type?: string;
  /** What it was created with. */
  options?: Document;
  /** Its UUID, and whether it is read-only. */
  info?: Document;
  /** The index on `_id`. */
  idIndex?: Document;
}
