import { EventEmitter } from 'events';
import { Readable } from 'stream';
import { ReadConcern, ReadConcernLevel, ReadPreference, ReadPreferenceMode } from './concerns';
import { ReadPreferenceLike } from './connection-options';
import { Document, Hint, Sort, SortDirection } from './documents';
import { Collation, CollectionInfo } from './options';

/**
 * Documents of a query, fetched as they are asked for. Use one of its ways to read only, and `close` it when
 * it is not read to its end.
 */
export abstract class AbstractCursor<T = any> extends EventEmitter {
  /** The server's id of it, while it is open there. */
  get id(): unknown;
  /** What it reads from. */
  get namespace(): { db: string; collection?: string; toString(): string };
  /** Which members it may read from. */
  get readPreference(): ReadPreference;
  /** What it may see. */
  get readConcern(): ReadConcern | undefined;
  /** Whether there is nothing to come: read to the end, or closed. */
  get closed(): boolean;
  /** Whether it was closed before its end. */
  get killed(): boolean;
  /** How many documents are here already. */
  bufferedCount(): number;
  /** Takes documents that are here already. */
  readBufferedDocuments(number?: number): T[];
  /** The next document; `null` at the end. */
  next(): Promise<T | null>;
  /** The next document, if there is one by now; else `null`. */
  tryNext(): Promise<T | null>;
  /** Whether there is a next document. */
  hasNext(): Promise<boolean>;
  /** All documents that are left. */
  toArray(): Promise<T[]>;
  /** Calls the function with each document in turn, until it returns `false`. */
  forEach(iterator: (document: T) => boolean | void): Promise<void>;
  /** All documents that are left, for `for await`. Leaving the loop closes it. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, void>;
  /** All documents that are left, as a stream of objects. */
  stream(options?: { transform?(document: T): any }): Readable & AsyncIterable<T>;
  /** Ends it, on the server too. */
  close(): Promise<void>;
  /** The same as `close`. */
  asyncDispose(): Promise<void>;
  /** Documents per reply of the server. */
  batchSize(value: number): this;
  /** Milliseconds of work that the server may spend on it. */
  maxTimeMS(value: number): this;
  /** Which members it may read from. */
  withReadPreference(readPreference: ReadPreferenceMode | ReadPreferenceLike): this;
  /** What it may see. */
  withReadConcern(readConcern: ReadConcernLevel | { level: string }): this;
  /** Passes each document through a function. */
  map<U>(transform: (document: T) => U): AbstractCursor<U>;
  /** Back to the start: the query is run again. */
  rewind(): void;
}

/** What `collection.find()` returns. Its methods change the query, until the first document is asked for. */
export class FindCursor<T = any> extends AbstractCursor<T> {
  private constructor();
  /** The same query, from its start. */
  clone(): FindCursor<T>;
  /** Passes each document through a function. */
  map<U>(transform: (document: T) => U): FindCursor<U>;
  /** Which documents; replaces what `find` was given. */
  filter(filter: Document): this;
  /** In which order. */
  sort(sort: Sort, direction?: SortDirection): this;
  /** How many documents to leave out at the start. */
  skip(value: number): this;
  /** The most documents to give; 0 for all. */
  limit(value: number): this;
  /** Which fields. */
  project<U extends Document = Document>(projection: Document): FindCursor<U>;
  /** The index to use. */
  hint(hint: Hint): this;
  /** Shown in the server's log and profiler. */
  comment(value: string): this;
  /** Rules for comparing text. */
  collation(value: Collation): this;
}

/** What `collection.aggregate()` returns. */
export class AggregationCursor<T = any> extends AbstractCursor<T> {
  private constructor();
  /** The same query, from its start. */
  clone(): AggregationCursor<T>;
  /** Passes each document through a function. */
  map<U>(transform: (document: T) => U): AggregationCursor<U>;
  /** Adds any stage. */
  addStage<U = Document>(stage: Document): AggregationCursor<U>;
  /** Adds a `$match` stage. */
  match(stage: Document): this;
  /** Adds a `$sort` stage. */
  sort(stage: Sort): this;
  /** Adds a `$skip` stage. */
  skip(value: number): this;
  /** Adds a `$limit` stage. */
  limit(value: number): this;
  /** Adds a `$group` stage. */
  group<U = T>(stage: Document): AggregationCursor<U>;
  /** Adds a `$project` stage. */
  project<U extends Document = Document>(stage: Document): AggregationCursor<U>;
  /** Adds a `$lookup` stage. */
  lookup(stage: Document): this;
  /** Adds an `$unwind` stage. */
  unwind(stage: Document | string): this;
  /** Adds a `$redact` stage. */
  redact(stage: Document): this;
  /** Adds a `$geoNear` stage. */
  geoNear(stage: Document): this;
  /** Adds an `$out` stage. */
  out(stage: string | { db: string; coll: string }): this;
}

/** What `db.listCollections()` returns. */
export class ListCollectionsCursor<T = CollectionInfo> extends AbstractCursor<T> {
  private constructor();
  /** The same query, from its start. */
  clone(): ListCollectionsCursor<T>;
  /** Passes each document through a function. */
  map<U>(transform: (document: T) => U): ListCollectionsCursor<U>;
}
