import { WriteConcernError, WriteError } from './errors';
import { Document, IdOf, WithId } from './documents';

/** What `insertOne` did. */
export interface InsertOneResult<T = Document> {
  /** Whether the server confirmed it (it does unless the write concern is `w: 0`). */
  acknowledged: boolean;
  /** The document's `_id`, made here if it had none. */
  insertedId: IdOf<T>;
}

/** What `insertMany` did. */
export interface InsertManyResult<T = Document> {
  /** Whether the server confirmed it (it does unless the write concern is `w: 0`). */
  acknowledged: boolean;
  /** Documents inserted. */
  insertedCount: number;
  /** By place in the array. */
  insertedIds: { [index: number]: IdOf<T> };
}

/** What `updateOne`, `updateMany` and `replaceOne` did. */
export interface UpdateResult<T = Document> {
  /** Whether the server confirmed it (it does unless the write concern is `w: 0`). */
  acknowledged: boolean;
  /** Documents that the filter found. */
  matchedCount: number;
  /** Documents that are different now. */
  modifiedCount: number;
  /** Documents inserted, 0 or 1. */
  upsertedCount: number;
  /** The `_id` of the inserted document; `null` when there is none. */
  upsertedId: IdOf<T> | null;
}

/** What `deleteOne` and `deleteMany` did. */
export interface DeleteResult {
  /** Whether the server confirmed it (it does unless the write concern is `w: 0`). */
  acknowledged: boolean;
  /** Documents deleted. */
  deletedCount: number;
}

/** What `findOneAnd…` gives with `includeResultMetadata: true`. */
export interface ModifyResult<T = Document> {
  /** The document; `null` when none was found. */
  value: WithId<T> | null;
  /** The server's account of it. */
  lastErrorObject?: Document;
  /** 1. */
  ok: 0 | 1;
}

/** What `insertMany` did, as its error has it. */
export class BulkWriteResult {
  private constructor();
  /** Documents inserted. */
  readonly insertedCount: number;
  /** Documents that filters found. */
  readonly matchedCount: number;
  /** Documents that are different now. */
  readonly modifiedCount: number;
  /** Documents deleted. */
  readonly deletedCount: number;
  /** Documents inserted by updates. */
  readonly upsertedCount: number;
  /** By place in the array. */
  readonly insertedIds: { [index: number]: any };
  /** By place in the array. */
  readonly upsertedIds: { [index: number]: any };
  /** 1, or 0 when it ended early. */
  get ok(): number;
  /** Whether `ok` is 1. */
  isOk(): boolean;
  /** The document inserted by the update at this place. */
  getUpsertedIdAt(index: number): Document | undefined;
  /** All of it, as a plain object. */
  getRawResponse(): Document;
  /** Whether writes failed. */
  hasWriteErrors(): boolean;
  /** How many writes failed. */
  getWriteErrorCount(): number;
  /** A write that failed. */
  getWriteErrorAt(index: number): WriteError | undefined;
  /** The writes that failed. */
  getWriteErrors(): WriteError[];
  /** The write concern's error, if there was one. */
  getWriteConcernError(): WriteConcernError | undefined;
  /** A line for a log. */
  toString(): string;
}
