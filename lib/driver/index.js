'use strict';

/**
 * What stands behind `store.client`, `store.db` and `store.collection`: the parts of the Node
 * driver's API that applications use on a store, on top of the native addon. Whatever else the Node
 * driver has is forwarded to a client of the application's own `mongodb` package.
 *
 * # Layout
 * - `client.js`, `db.js`, `admin.js`, `collection/`: the classes, methods by group
 * - `plan.js`: what a client is made of; a store connects with it before it has loaded the classes
 * - `cursor/`: what `find`, `aggregate` and the lists return
 * - `execute.js`: the one way to the server; `options.js`: what a call inherits
 * - `statements.js`, `idempotent.js`, `results.js`, `bulk-result.js`: write commands and what becomes of
 *   their replies
 * - `forward.js`: methods and calls that are the Node driver's; `driver-options.js`: the options that make
 *   a call one; `node-client.js`: the client they go to; `unsupported.js`: the errors where there is none
 */

const { bson } = require('../codec/bson');
const errors = require('../errors');
const { Admin } = require('./admin');
const { BulkWriteResult } = require('./bulk-result');
const { MongoClient } = require('./client');
const { Collection } = require('./collection');
const { ReturnDocument } = require('./collection/find-and-modify');
const { ReadConcern, ReadConcernLevel, WriteConcern } = require('./concerns');
const { AbstractCursor } = require('./cursor/abstract');
const { AggregationCursor } = require('./cursor/aggregation');
const { FindCursor } = require('./cursor/find');
const { ListCollectionsCursor } = require('./cursor/list-collections');
const { Db } = require('./db');
const { ReadPreference, ReadPreferenceMode } = require('./read-preference');

const {
  MongoError, MongoDriverError, MongoAPIError, MongoRuntimeError, MongoMissingDependencyError,
  MongoInvalidArgumentError, MongoCompatibilityError, MongoMissingCredentialsError, MongoNotConnectedError,
  MongoTransactionError, MongoExpiredSessionError, MongoTailableCursorError, MongoCursorInUseError,
  MongoCursorExhaustedError, MongoServerClosedError, MongoTopologyClosedError, MongoClientClosedError,
  MongoBatchReExecutionError, MongoDecompressionError, MongoStalePrimaryError, MongoUnexpectedServerResponseError,
  MongoKerberosError, MongoAWSError, MongoOIDCError, MongoChangeStreamError, MongoParseError,
  MongoOperationTimeoutError, MongoWaitQueueTimeoutError, MongoNetworkError, MongoNetworkTimeoutError,
  MongoPoolClearedError, MongoSystemError, MongoServerSelectionError, MongoServerError, MongoWriteConcernError,
  WriteError, WriteConcernError, MongoBulkWriteError
} = errors;

const ServerApiVersion = Object.freeze({ v1: '1' });

const {
  BSON, Binary, BSONRegExp, BSONSymbol, BSONType, Code, DBRef, Decimal128, Double, Int32, Long, MaxKey, MinKey,
  ObjectId, Timestamp, UUID
} = bson().package;

// Plain names only, so that Node finds them in this text: ES modules import them one by one.
module.exports = {
  MongoClient,
  Db,
  Collection,
  Admin,
  AbstractCursor,
  FindCursor,
  AggregationCursor,
  ListCollectionsCursor,
  BulkWriteResult,

  ReadPreference,
  ReadPreferenceMode,
  ReadConcern,
  ReadConcernLevel,
  WriteConcern,
  ReturnDocument,
  ServerApiVersion,

  MongoError,
  MongoDriverError,
  MongoAPIError,
  MongoRuntimeError,
  MongoMissingDependencyError,
  MongoInvalidArgumentError,
  MongoCompatibilityError,
  MongoMissingCredentialsError,
  MongoNotConnectedError,
  MongoTransactionError,
  MongoExpiredSessionError,
  MongoTailableCursorError,
  MongoCursorInUseError,
  MongoCursorExhaustedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
  MongoBatchReExecutionError,
  MongoDecompressionError,
  MongoStalePrimaryError,
  MongoUnexpectedServerResponseError,
  MongoKerberosError,
  MongoAWSError,
  MongoOIDCError,
  MongoChangeStreamError,
  MongoParseError,
  MongoOperationTimeoutError,
  MongoWaitQueueTimeoutError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoPoolClearedError,
  MongoSystemError,
  MongoServerSelectionError,
  MongoServerError,
  MongoWriteConcernError,
  WriteError,
  WriteConcernError,
  MongoBulkWriteError,

  BSON,
  Binary,
  BSONRegExp,
  BSONSymbol,
  BSONType,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID
};
