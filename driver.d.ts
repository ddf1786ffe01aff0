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
export * from './lib/types/client';
export * from './lib/types/collection';
export * from './lib/types/concerns';
export * from './lib/types/connection-options';
export * from './lib/types/cursor';
export * from './lib/types/db';
export * from './lib/types/documents';
export * from './lib/types/errors';
export * from './lib/types/options';
export * from './lib/types/results';
