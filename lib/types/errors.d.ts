import { BulkWriteResult } from './results';

/** Names, inheritance and members of the error classes are the Node driver's. */
export class MongoError extends Error {
  constructor(message: string, options?: { cause?: unknown });
  /** The server's number for a server's error, such as 11000 for a duplicate key; a system's code otherwise. */
  code?: number | string;
  /** The server's name for `code`, such as `'DuplicateKey'`. */
  codeName?: string;
  /** The message, under the server's name for it. */
  get errmsg(): string;
  /** Such as `['RetryableWriteError']`. */
  get errorLabels(): string[];
  /** What led to it. */
  cause?: unknown;
  /** Whether it has this label. */
  hasErrorLabel(label: string): boolean;
  /** Gives it a label. */
  addErrorLabel(label: string): void;
}

/** The server refused a command or failed at it. The fields of its reply are properties. */
export class MongoServerError extends MongoError {
  /** @param reply the server's reply */
  constructor(reply: { [field: string]: any });
  /** The server's number. */
  code?: number;
  /** The server's reply. */
  errorResponse: { [field: string]: any };
  /** For a duplicate key: the index's fields. */
  keyPattern?: { [field: string]: any };
  /** For a duplicate key: the values that are there already. */
  keyValue?: { [field: string]: any };
  [field: string]: any;
}

/** The server did the write, but could not replicate it as the write concern asks. */
export class MongoWriteConcernError extends MongoServerError {
  /** The server's reply. */
  result: { [field: string]: any };
}

/** One write of several failed. */
export class WriteError {
  constructor(error: { index: number; code: number; errmsg: string; errInfo?: { [field: string]: any }; op: { [field: string]: any } });
  /** The server's number. */
  get code(): number;
  /** The write's place in the array that was given. */
  get index(): number;
  /** The server's message. */
  get errmsg(): string | undefined;
  /** Details, such as those of a failed validation. */
  get errInfo(): { [field: string]: any } | undefined;
  /** The write that failed. */
  getOperation(): { [field: string]: any };
  /** Its parts, as a plain object. */
  toJSON(): { code: number; index: number; errmsg?: string; op: { [field: string]: any } };
}

/** Writes were done, but not replicated as the write concern asks. */
export class WriteConcernError {
  constructor(error: { code: number; errmsg: string; errInfo?: { [field: string]: any } });
  /** The server's number. */
  get code(): number | undefined;
  /** The server's message. */
  get errmsg(): string | undefined;
  /** Details, such as those of a failed validation. */
  get errInfo(): { [field: string]: any } | undefined;
  /** Its parts, as a plain object. */
  toJSON(): { [field: string]: any };
}

/** Several writes ended early, or some of them failed. */
export class MongoBulkWriteError extends MongoServerError {
  constructor(error: Error | WriteConcernError | { message: string; code: number; writeErrors?: WriteError[] }, result: BulkWriteResult);
  /** What was done all the same. */
  result: BulkWriteResult;
  /** The writes that failed. */
  writeErrors: WriteError | WriteError[];
  /** The write concern's error, if that is what happened. */
  err?: WriteConcernError;
  /** Documents inserted all the same. */
  get insertedCount(): number;
  /** Documents that filters found. */
  get matchedCount(): number;
  /** Documents changed all the same. */
  get modifiedCount(): number;
  /** Documents deleted all the same. */
  get deletedCount(): number;
  /** Documents inserted by updates. */
  get upsertedCount(): number;
  /** Ids of inserted documents, by place in the array. */
  get insertedIds(): { [index: number]: any };
  /** Ids of documents inserted by updates, by place in the array. */
  get upsertedIds(): { [index: number]: any };
}

/** A connection broke or could not be made. */
export class MongoNetworkError extends MongoError {
  constructor(message: string, options?: { cause?: unknown; beforeHandshake?: boolean });
  /** Whether it broke before the server was known. */
  readonly beforeHandshake: boolean;
}
/** A server did not answer in time. */
export class MongoNetworkTimeoutError extends MongoNetworkError {}

/** The connections to a server were given up after one of them broke. */
export class MongoPoolClearedError extends MongoNetworkError {}

/** Something about the deployment as a whole. */
export class MongoSystemError extends MongoError {
  constructor(message: string, reason?: { error?: Error });
  /** What was found out about the servers. */
  readonly reason?: { error?: Error };
}
/** No usable server was found in time. */
export class MongoServerSelectionError extends MongoSystemError {}

/** Something on this side of the connection. */
export class MongoDriverError extends MongoError {}
/** A connection string or an option cannot be understood. */
export class MongoParseError extends MongoDriverError {}
/** An operation took longer than `timeoutMS`, or than its deadline. */
export class MongoOperationTimeoutError extends MongoDriverError {}
/** No connection was free in time. */
export class MongoWaitQueueTimeoutError extends MongoDriverError {}
/** The API was used in a way that does not work. */
export class MongoAPIError extends MongoDriverError {}
/** An argument is not what it must be. */
export class MongoInvalidArgumentError extends MongoAPIError {}
/** Something is not available here, or not with this server. */
export class MongoCompatibilityError extends MongoAPIError {}
/** A mechanism needs a name or a password that was not given. */
export class MongoMissingCredentialsError extends MongoAPIError {}
/** A module that an option asks for is not there. */
export class MongoMissingDependencyError extends MongoAPIError {
  constructor(message: string, options?: { cause?: unknown; dependencyName?: string });
  /** The module's name. */
  readonly dependencyName?: string;
}
/** The client is closed. */
export class MongoNotConnectedError extends MongoAPIError {}
/** The client was closed while an operation was under way. */
export class MongoClientClosedError extends MongoAPIError {}
/** The connections were closed while an operation was under way. */
export class MongoTopologyClosedError extends MongoAPIError {}
/** The connections to one server were closed while an operation was under way. */
export class MongoServerClosedError extends MongoAPIError {}
/** A transaction was used in a way that does not work. */
export class MongoTransactionError extends MongoAPIError {}
/** A server session has ended. */
export class MongoExpiredSessionError extends MongoAPIError {}
/** A cursor waits for documents and cannot do this. */
export class MongoTailableCursorError extends MongoAPIError {}
/** A cursor has been read from and cannot be changed. */
export class MongoCursorInUseError extends MongoAPIError {}
/** A cursor is at its end. */
export class MongoCursorExhaustedError extends MongoAPIError {}
/** Writes in bulk were sent already. */
export class MongoBatchReExecutionError extends MongoAPIError {}
/** Something unexpected on this side of the connection. */
export class MongoRuntimeError extends MongoDriverError {}
/** A compressed message cannot be read. */
export class MongoDecompressionError extends MongoRuntimeError {}
/** A server thinks that it is the primary, and is not. */
export class MongoStalePrimaryError extends MongoRuntimeError {}
/** A server's reply is not what it must be. */
export class MongoUnexpectedServerResponseError extends MongoRuntimeError {}
/** Authentication by Kerberos failed. */
export class MongoKerberosError extends MongoRuntimeError {}
/** Authentication by AWS failed. */
export class MongoAWSError extends MongoRuntimeError {}
/** Authentication by OpenID Connect failed. */
export class MongoOIDCError extends MongoRuntimeError {}
/** A change stream failed. */
export class MongoChangeStreamError extends MongoRuntimeError {}
