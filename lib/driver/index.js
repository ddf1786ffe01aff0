'use strict';

/**
 * What stands behind `store.client`, `store.db` and `store.collection`: the parts of the Node
 * driver's API that applications use on a store, on top of the native addon.
 *
 * # Layout
 * - `client.js`, `db.js`, `admin.js`, `collection/`: the classes, methods by group
 * - `cursor/`: what `find`, `aggregate` and the lists return
 * - `bulk/`: writes in bulk
 * - `execute.js`: the one way to the server; `options.js`: what a call inherits
 * - `statements.js`, `idempotent.js`, `results.js`: write commands and what becomes of their replies
 * - `unsupported.js`: what is not there says so
 */

const bson = require('bson');
const errors = require('../errors');
const { Admin } = require('./admin');
const { BulkWriteResult } = require('./bulk/result');
const BatchType = require('./bulk/kinds');
const { MongoClient } = require('./client');
const { Collection } = require('./collection');
const { ReturnDocument } = require('./collection/find-and-modify');
const { ReadConcern, ReadConcernLevel, WriteConcern } = require('./concerns');
const { AbstractCursor, CURSOR_FLAGS } = require('./cursor/abstract');
const { AggregationCursor } = require('./cursor/aggregation');
const { FindCursor } = require('./cursor/find');
const { ListCollectionsCursor } = require('./cursor/list-collections');
const { ListIndexesCursor } = require('./cursor/list-indexes');
const { Db } = require('./db');
const { ExplainVerbosity } = require('./explain');
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
} = bson;

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
  ListIndexesCursor,
  BulkWriteResult,

  ReadPreference,
  ReadPreferenceMode,
  ReadConcern,
  ReadConcernLevel,
  WriteConcern,
  ReturnDocument,
  ExplainVerbosity,
  BatchType,
  CURSOR_FLAGS,
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
