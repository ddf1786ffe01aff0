'use strict';

const { NativeStore } = require('../native/store');
const { ensureIndexes } = require('./operations');
const { doing, report, storeError } = require('./report');

const POINT_OPERATIONS = ['get', 'set', 'write', 'patch', 'touch', 'destroy'];

/** Errors of servers that are not there, in the Node driver's terms: they may come. */
const ABSENT = new Set([
  'MongoServerSelectionError', 'MongoNetworkError', 'MongoNetworkTimeoutError', 'MongoPoolClearedError', 'MongoOperationTimeoutError'
]);

/** @returns {boolean} whether an error says that no server was there, rather than what one said */
function isAbsence(error) {
  return ABSENT.has(error.name);
}

/**
 * Makes the indexes with the first operation that succeeds: the server was not there when the store was
 * opened. Without the expiry index no session would ever be removed.
 *
 * Only the operations of such a store pay for looking; they are left alone again afterwards.
 *
 * @param {EventEmitter} store
 * @param {function(): void} made called once, when the indexes are there
 * @param {function(): void} [answered] called once, when the first operation has succeeded
 */
function ensureIndexesLater(store, made, answered = () => {}) {
  const { native } = store;
  const start = () => {
    for (const name of POINT_OPERATIONS) delete native[name];
    answered();
    ensureIndexes(store).then(made, (cause) => {
      // Gone again: the next operation that succeeds will do.
      if (isAbsence(cause)) return ensureIndexesLater(store, made);
      report(store, storeError(doing.indexing(), cause), (error, heard) => {
        // Nobody asked at this moment, so nobody is to be thrown at; but it must not pass unseen.
        if (!heard) process.emitWarning(error.message);
      });
    });
  };
  for (const name of POINT_OPERATIONS) {
    native[name] = (...args) => {
      const done = args.pop();
      NativeStore.prototype[name].call(native, ...args, (error, ...result) => {
        if (!error && Object.hasOwn(native, name)) start();
        done(error, ...result);
      });
    };
  }
}

module.exports = { ensureIndexesLater, isAbsence };
