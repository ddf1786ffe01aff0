'use strict';

const { spawnSync } = require('node:child_process');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const mongodb = require('mongodb');
const { Relay, hostOf } = require('../support/relay');

/**
 * The original's tests use 127.0.0.1:27017 and 127.0.0.1:3000 and nothing else. Find a place where both
 * can be had: a network namespace of their own, else these very ports.
 */

const FREE_WITHIN_MS = 60_000;

/** Runs a command in a network namespace of its own whose loopback interface is up. */
const NAMESPACE = ['unshare', '--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/**
 * @param {string} uri of the server that the tests shall find on port 27017
 * @returns {Promise<{prefix: string[], relayTo: object|null, leave: () => Promise<void>}>} `prefix` goes
 *   before the command, `relayTo` is the address port 27017 is to lead to (null: it leads to a server already)
 * @throws {Error} when the ports are taken and no namespace can be made
 */
async function findPlace(uri) {
  if (canUnshare()) {
    // A unix socket reaches into a network namespace, TCP does not.
    const socket = path.join(os.tmpdir(), `mongodb-relay-${process.pid}-${Date.now()}.sock`);
    const relay = await new Relay(hostOf(uri), { path: socket }).open();
    return { prefix: NAMESPACE, relayTo: { path: socket }, leave: () => relay.cut() };
  }
  // Other tests listen there too, for a moment.
  for (const deadline = Date.now() + FREE_WITHIN_MS; !await isFree(3000) && Date.now() < deadline;) await new Promise((resolve) => setTimeout(resolve, 100));
  if (!await isFree(3000)) {
    throw new Error('the original\'s tests serve on 127.0.0.1:3000, and something else is listening there');
  }
  if (await isFree(27017)) {
    return { prefix: [], relayTo: hostOf(uri), leave: async () => {} };
  }
  if (await isMongo()) {
    return { prefix: [], relayTo: null, leave: async () => {} };
  }
  throw new Error('the original\'s tests need MongoDB on 127.0.0.1:27017, ' +
    'and what listens there is no MongoDB without authentication');
}

function canUnshare() {
  const [command, ...args] = NAMESPACE;
  return process.platform === 'linux' && spawnSync(command, [...args, 'true']).status === 0;
}

async function isFree(port) {
  const server = net.createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

async function isMongo() {
  const client = new mongodb.MongoClient('mongodb://127.0.0.1:27017', { serverSelectionTimeoutMS: 2000 });
  try {
    await client.db('connect_mongodb_session_test').collection('mySessions').estimatedDocumentCount();
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

module.exports = { findPlace };
