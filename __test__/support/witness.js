'use strict';

const { MongoClient } = require('mongodb');
const { mongoUri, uniqueName } = require('./server');

/**
 * A database of a suite's own, and the Node driver's client that looks at it.
 *
 * @param {string} name of what is tested
 * @returns {{uri: string, db: Db}} filled before the suite's tests; the database is dropped after them
 */
function useWitness(name) {
  const database = uniqueName(name);
  const witness = { uri: undefined, db: undefined };
  let client;
  before(`connect to ${name}'s database`, async () => {
    witness.uri = await mongoUri(database);
    client = await MongoClient.connect(witness.uri);
    witness.db = client.db(database);
  });
  after(`drop ${name}'s database`, async () => {
    await witness.db?.dropDatabase();
    await client?.close();
  });
  return witness;
}

module.exports = { useWitness };
