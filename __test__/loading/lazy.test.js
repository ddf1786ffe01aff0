'use strict';

const assert = require('node:assert/strict');
const { Collection } = require('../../lib/driver/collection');
const { mongoUri } = require('../support/server');
const { node } = require('./run');

/** Which of the parts of `lib/driver/collection` each method is in, and its methods. */
const PARTS = {
  reads: require('../../lib/driver/collection/reads'),
  writes: require('../../lib/driver/collection/writes'),
  'find-and-modify': require('../../lib/driver/collection/find-and-modify').methods,
  indexes: require('../../lib/driver/collection/indexes')
};

const ONE_SESSION = `
  const path = require('path');
  const Store = require('.')(require('express-session'));
  const store = new Store({ uri: process.env.TEST_URI, collection: 'lazy' });
  const loaded = () => Object.keys(require.cache).map((file) => path.relative(process.cwd(), file));
  store.set('sid', { cookie: {}, user: 'ada', at: new Date(0) }, (failed) => {
    if (failed) throw failed;
    store.get('sid', (error, session) => {
      console.log(JSON.stringify({ user: session.user, loaded: loaded().filter((file) => /node_modules.bson|driver.(cursor|bulk)|codec.package|application|for-node-driver|step-by-step|insert-many/.test(file)) }));
    });
  });
`;

describe('what a store rarely needs', () => {
  it('is not loaded for plain sessions: the bson package, cursors, insertMany, the way to the Node driver', async () => {
    const { code, output } = await node(['-e', ONE_SESSION], { env: { TEST_URI: await mongoUri('lazy') } });
    assert.equal(code, 0, output);
    const { user, loaded } = JSON.parse(output);
    assert.equal(user, 'ada');
    assert.deepEqual(loaded, []);
  });

  for (const [part, methods] of Object.entries(PARTS)) {
    it(`is there when it is called: every method of collection/${part}`, () => {
      assert.ok(Object.keys(methods).length > 0);
      for (const name of Object.keys(methods)) {
        assert.equal(typeof Collection.prototype[name], 'function', name);
        assert.equal(Collection.prototype[name].name, name);
      }
    });
  }

  it('calls what is in its file, with the collection as `this`', async () => {
    await assert.rejects(async () => Collection.prototype.insertMany.call({ s: {} }, 'not an array'), {
      name: 'MongoInvalidArgumentError'
    });
  });
});
