'use strict';

/* global afterAll, beforeAll, expect */

// Jest gives each file modules of its own. What is forwarded must reach the `mongodb` that this file requires.

const session = require('express-session');
const mongodb = require('mongodb');
const MongoDBStore = require('connect-mongodb-session')(session);

describe('what is forwarded', () => {
  let store;

  beforeAll(async () => {
    store = new MongoDBStore({ uri: process.env.TEST_URI, collection: 'forwarding' });
    await store.initialConnectionPromise;
  });

  afterAll(() => store.client.close());

  test('goes to the mongodb package of this file', async () => {
    const clientSession = store.client.startSession();
    expect(clientSession).toBeInstanceOf(mongodb.ClientSession);
    await clientSession.endSession();
    await store.collection.bulkWrite([{ insertOne: { document: { made: 1 } } }]);
    const { _id } = await store.collection.findOne({ made: 1 }, { raw: false, useBigInt64: true });
    expect(_id).toBeInstanceOf(mongodb.ObjectId);
    await store.collection.drop();
  });
});
