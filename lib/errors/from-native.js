'use strict';

const classes = require('./classes');

/** What is no MongoDB matter: a broken rule of the language itself. */
const BUILTIN = { Error, TypeError, RangeError };

/**
 * Builds the error that the background thread describes, so that it has a stack and a class.
 *
 * @param {object} data
 * @param {string} data.name the class, e.g. `MongoServerError`
 * @param {string} data.message
 * @param {number} [data.code]
 * @param {string} [data.codeName]
 * @param {string[]} [data.labels]
 * @param {object} [data.reply] the server's whole reply, or the entry of `writeErrors`
 * @param {object} [data.cause] of the same shape
 * @returns {Error}
 */
function fromNative(data) {
  const cause = data.cause ? fromNative(data.cause) : undefined;
  const error = build(data, cause);
  if (cause !== undefined && error.cause === undefined) define(error, 'cause', cause);
  if (data.code !== undefined && error.code === undefined) error.code = data.code;
  if (data.codeName !== undefined && error.codeName === undefined) error.codeName = data.codeName;
  if (error instanceof classes.MongoError) {
    for (const label of data.labels ?? []) error.addErrorLabel(label);
  }
  if (Error.captureStackTrace) Error.captureStackTrace(error, fromNative);
  return error;
}

function build({ name, message, code, codeName, reply }, cause) {
  switch (name) {
    case 'MongoServerError':
      return new classes.MongoServerError(saying(reply ?? withoutUndefined({ code, codeName }), message));
    case 'MongoWriteConcernError':
      return new classes.MongoWriteConcernError(
        reply?.writeConcernError ? reply : { ok: 1, writeConcernError: withoutUndefined({ code, codeName, errmsg: message }) }
      );
    case 'MongoServerSelectionError':
    case 'MongoSystemError': {
      const error = new classes[name](message);
      if (cause?.code !== undefined) error.code = cause.code;
      return error;
    }
  }
  const options = cause === undefined ? undefined : { cause };
  return new (classOf(name))(message, options);
}

function classOf(name) {
  if (Object.hasOwn(BUILTIN, name)) return BUILTIN[name];
  return Object.hasOwn(classes, name) ? classes[name] : classes.MongoRuntimeError;
}

/** A reply that says why it failed; a few (an authentication step's) leave that to the client. */
function saying(reply, message) {
  return reply.message || reply.errmsg || reply.$err ? reply : { ...reply, errmsg: message };
}

function withoutUndefined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function define(error, key, value) {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}

module.exports = { fromNative };
