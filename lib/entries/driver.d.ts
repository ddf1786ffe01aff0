/**
 * The classes behind `store.client`, `store.db` and `store.collection`: the part of the Node driver's API
 * that applications use on a session store.
 *
 * @packageDocumentation
 */

export {
  Binary, BSON, BSONRegExp, BSONSymbol, BSONType, Code, DBRef, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId,
  Timestamp, UUID
} from 'bson';
export type { Update } from '../types/collection';
export * from '../types/concerns';
export * from '../types/connection-options';
export type { IndexDescriptionCompact } from '../types/db';
export * from '../types/documents';
export * from '../types/errors';
export * from '../types/installed';
export * from '../types/options';
export * from '../types/results';
