'use strict';

const assert = require('node:assert/strict');
const mongodb = require('mongodb');
const bulk = require('mongodb/lib/bulk/common');
const errors = require('../../lib/errors');
const facade = require('../../lib/driver');
const { describeValue } = require('./describe-value');

const { fromNative } = errors;

/** Classes of the Node driver for what the facade has not. */
const ABSENT = new Set([
  'MongoAzureError', 'MongoGCPError', 'MongoClientBulkWriteCursorError', 'MongoClientBulkWriteError',
  'MongoClientBulkWriteExecutionError', 'MongoGridFSChunkError', 'MongoGridFSStreamError'
]);

function ancestors(Class) {
  const names = [];
  for (let parent = Class; parent !== Error; parent = Object.getPrototypeOf(parent)) names.push(parent.name);
  return names;
}

describe('errors', () => {
  const theirs = Object.keys(mongodb).filter((name) => /^Mongo(?!Crypt).*Error$/.test(name) && !ABSENT.has(name));

  for (const name of theirs) {
    it(`${name} has the Node driver's ancestors and is exported with the driver`, () => {
      assert.deepEqual(ancestors(errors[name]), ancestors(mongodb[name]));
      assert.equal(facade[name], errors[name]);
      assert.equal(Object.create(errors[name].prototype).name, name);
    });
  }

  it('messages and causes', () => {
    const cause = new Error('why');
    const error = new errors.MongoRuntimeError('what', { cause });
    assert.equal(error.message, 'what');
    assert.equal(error.errmsg, 'what');
    assert.equal(error.cause, cause);
    assert.equal(String(error), 'MongoRuntimeError: what');
  });

  it('messages that a class brings itself', () => {
    for (const name of ['MongoTopologyClosedError', 'MongoCursorExhaustedError', 'MongoCursorInUseError', 'MongoClientClosedError', 'MongoBatchReExecutionError', 'MongoExpiredSessionError', 'MongoServerClosedError', 'MongoTailableCursorError']) {
      assert.equal(new errors[name]().message, new mongodb[name]().message, name);
    }
  });

  it('labels', () => {
    const error = new errors.MongoError('x');
    error.addErrorLabel('A');
    error.addErrorLabel('A');
    assert.deepEqual(error.errorLabels, ['A']);
    assert.ok(error.hasErrorLabel('A'));
    assert.ok(!error.hasErrorLabel('B'));
  });

  for (const reply of [
    { ok: 0, errmsg: 'm', code: 11000, codeName: 'DuplicateKey', keyPattern: { a: 1 }, errorLabels: ['L'] },
    { index: 0, code: 121, errmsg: 'validation', errInfo: { a: 1 } },
    { ok: 0, $err: 'old' },
    {}
  ]) {
    it(`a reply as an error: ${JSON.stringify(reply)}`, () => {
      const [our, their] = [new errors.MongoServerError(reply), new mongodb.MongoServerError(reply)];
      assert.deepEqual(describeValue(our, '-'), describeValue(their, '-'));
    });
  }

  it('a reply cannot overwrite what makes an error', () => {
    const error = new errors.MongoServerError({ errmsg: 'm', name: 'Evil', __proto__: null, errorLabelSet: 1 });
    assert.equal(error.name, 'MongoServerError');
    assert.deepEqual(error.errorLabels, []);
  });

  it('a write concern error', () => {
    const reply = { ok: 1, n: 1, writeConcernError: { code: 64, codeName: 'WriteConcernFailed', errmsg: 'slow', errInfo: { wtimeout: true } } };
    const [our, their] = [new errors.MongoWriteConcernError(reply), new mongodb.MongoWriteConcernError(reply)];
    assert.deepEqual(describeValue(our, '-'), describeValue(their, '-'));
  });

  it('a bulk error of a write concern error', () => {
    const data = { code: 64, errmsg: 'slow' };
    const result = { insertedCount: 1 };
    const our = new errors.MongoBulkWriteError(new errors.WriteConcernError(data), result);
    const their = new mongodb.MongoBulkWriteError(new bulk.WriteConcernError(data), result);
    assert.deepEqual(describeValue(our, '-'), describeValue(their, '-'));
  });

  describe('from the background thread', () => {
    it('a server\'s reply', () => {
      const reply = { ok: 0, errmsg: 'no', code: 13, codeName: 'Unauthorized' };
      const error = fromNative({ name: 'MongoServerError', message: 'shortened', code: 13, codeName: 'Unauthorized', labels: ['X'], reply });
      assert.ok(error instanceof errors.MongoServerError);
      assert.equal(error.message, 'no');
      assert.equal(error.code, 13);
      assert.equal(error.codeName, 'Unauthorized');
      assert.deepEqual(error.errorLabels, ['X']);
      assert.equal(error.errorResponse, reply);
    });

    it('a server\'s error without its reply', () => {
      const error = fromNative({ name: 'MongoServerError', message: 'Authentication failed: no', code: 18, codeName: 'AuthenticationFailed' });
      assert.equal(error.message, 'Authentication failed: no');
      assert.equal(error.code, 18);
      assert.equal(error.codeName, 'AuthenticationFailed');
    });

    it('a write concern error, with and without its reply', () => {
      const writeConcernError = { code: 64, codeName: 'WriteConcernFailed', errmsg: 'slow' };
      for (const reply of [{ ok: 1, n: 1, writeConcernError }, undefined]) {
        const error = fromNative({ name: 'MongoWriteConcernError', message: 'slow', code: 64, codeName: 'WriteConcernFailed', reply });
        assert.ok(error instanceof errors.MongoWriteConcernError);
        assert.deepEqual([error.message, error.code, error.codeName], ['slow', 64, 'WriteConcernFailed']);
        assert.deepEqual(error.result.writeConcernError, writeConcernError);
      }
    });

    it('a cause, however deep', () => {
      const error = fromNative({
        name: 'MongoServerSelectionError',
        message: 'connect ECONNREFUSED 127.0.0.1:1',
        cause: { name: 'MongoNetworkError', message: 'refused', code: 'ECONNREFUSED', cause: { name: 'Error', message: 'io' } }
      });
      assert.ok(error instanceof errors.MongoSystemError);
      assert.ok(error.cause instanceof errors.MongoNetworkError);
      assert.equal(error.cause.code, 'ECONNREFUSED');
      assert.equal(error.cause.cause.message, 'io');
      assert.ok(!Object.keys(error).includes('cause'));
    });

    it('every class keeps message, code and labels', () => {
      for (const name of Object.keys(errors).filter((key) => key.startsWith('Mongo') && key !== 'MongoBulkWriteError')) {
        const error = fromNative({ name, message: 'm', code: 5, labels: ['L'] });
        assert.deepEqual([error.name, error.message, error.code, error.errorLabels], [name, 'm', 5, ['L']], name);
        assert.ok(error.stack.includes('errors.test.js'), name);
      }
    });

    it('errors of the language', () => {
      assert.ok(fromNative({ name: 'TypeError', message: 'm' }) instanceof TypeError);
      assert.ok(fromNative({ name: 'RangeError', message: 'm' }) instanceof RangeError);
    });

    it('an unknown name is a MongoRuntimeError', () => {
      assert.equal(fromNative({ name: 'fromNative', message: 'm' }).name, 'MongoRuntimeError');
      assert.equal(fromNative({ name: 'constructor', message: 'm' }).name, 'MongoRuntimeError');
    });
  });
});
