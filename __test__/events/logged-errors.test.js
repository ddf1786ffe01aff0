'use strict';

/** What a log has of an error: an outage writes one per request. */

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const { ROOT } = require('../support/impl');
const { refusal } = require('../support/stores');

const Store = require(ROOT)(require('express-session'));

describe('an error in a log', () => {
  let store;
  let error;

  before(async () => {
    store = new Store({ uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1000' }, () => {});
    error = await refusal(store, 'get', 'a');
  });
  after(() => store.close());

  it('has its cause as one line, with the code', () => {
    const lines = inspect(error).split('\n');
    assert.match(lines[0], /^Error: Error finding a: connect ECONNREFUSED 127\.0\.0\.1:1( \{)?$/);
    assert.deepEqual(lines.filter((line) => line.includes('cause')), ['  [cause]: MongoServerSelectionError: connect ECONNREFUSED 127.0.0.1:1']);
    assert.equal(inspect(error).match(/\n {4}at /g)?.length ?? 0, error.stack.match(/\n {4}at /g)?.length ?? 0);
  });

  it('keeps its whole cause for who asks', () => {
    assert.equal(error.cause.name, 'MongoServerSelectionError');
    assert.equal(error.cause.cause.name, 'MongoNetworkError');
    assert.match(inspect(error.cause), /\[cause\]: MongoNetworkError/);
    assert.deepEqual(Object.keys(error), []);
    assert.equal(error.constructor, Error);
  });

  it('is colored, and shown within others, as any error', () => {
    assert.match(inspect({ error }), /error: Error: Error finding a/);
    assert.match(inspect(error, { colors: true }), /\[cause\]/);
  });

  it('shows the code of a cause that its message does not have, and other members', () => {
    const { withBriefCause } = require('../../lib/errors/brief-cause');
    const cause = Object.assign(new Error('not\n  authorized'), { code: 13, codeName: 'Unauthorized' });
    const shown = inspect(withBriefCause(Object.assign(new TypeError('no', { cause }), { id: 7 })));
    assert.match(shown, /^TypeError: no\n/);
    assert.match(shown, /\[cause\]: Error: not authorized \(Unauthorized\)/);
    assert.match(shown, /id: 7/);
    assert.match(inspect(withBriefCause(new Error('no', { cause: { odd: 1 } }))), /\[cause\]: \{ odd: 1 \}/);
    assert.match(inspect(withBriefCause(new Error('none'))), /^Error: none\n/);
  });
});
