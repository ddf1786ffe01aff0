'use strict';

/** One MongoDB for all tests of a mocha process, started when the first test asks for it. */

const crypto = require('node:crypto');
const { MongoClient } = require('mongodb');
const { startMongod } = require('../../tools/mongod');

let starting;
const clients = [];

/** @returns {Promise<{uri: string}>} the shared server */
function sharedServer() {
  starting ??= startMongod({ keepsExpired: true });
  return starting;
}

/**
 * @param {string} [database]
 * @returns {Promise<string>} a connection string of the shared server
 */
async function mongoUri(database = '') {
  const { uri } = await sharedServer();
  const [, address, query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*(\?.*)?$/.exec(uri);
  return `${address}/${database}${query}`;
}

/** @returns {string} a name that no other test run uses */
function uniqueName(prefix = 'test') {
  return `${prefix}_${process.pid}_${crypto.randomBytes(4).toString('hex')}`;
}

/** @returns {Promise<MongoClient>} the Node driver on the shared server; closed after all tests */
async function testClient() {
  const client = await MongoClient.connect(await mongoUri());
  clients.push(client);
  return client;
}

const mochaHooks = {
  async afterAll() {
    this.timeout(30_000);
    await Promise.all(clients.map((client) => client.close()));
    if (starting) await (await starting).stop();
  }
};

module.exports = { mochaHooks, mongoUri, sharedServer, testClient, uniqueName };
