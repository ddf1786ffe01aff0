'use strict';

/** Inserts documents as bytes: encoders do not write all that MongoDB stores. */

const { once } = require('node:events');
const net = require('node:net');
const { BSON } = require('mongodb');
const { hostOf } = require('./relay');

const OP_MSG = 2013;

/**
 * @param {string} uri of a server that asks for no login
 * @param {string} database
 * @param {string} collection
 * @param {Buffer[]} documents as BSON, less than 48 MB of them
 * @returns {Promise<void>} rejects with the first error of the server
 */
async function insertRaw(uri, database, collection, documents) {
  const command = BSON.serialize({ insert: collection, ordered: false, $db: database });
  const name = Buffer.from('documents\0');
  const bytes = Buffer.concat(documents);
  const head = Buffer.alloc(21);
  const sequence = Buffer.alloc(5);
  sequence[0] = 1;
  sequence.writeInt32LE(4 + name.length + bytes.length, 1);
  const message = Buffer.concat([head, command, sequence, name, bytes]);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(1, 4);
  message.writeInt32LE(OP_MSG, 12);

  const socket = net.connect(hostOf(uri));
  try {
    socket.write(message);
    let reply = Buffer.alloc(0);
    while (reply.length < 4 || reply.length < reply.readInt32LE(0)) reply = Buffer.concat([reply, ...await once(socket, 'data')]);
    const { ok, errmsg, writeErrors } = BSON.deserialize(reply.subarray(21));
    if (ok !== 1 || writeErrors) throw new Error(errmsg ?? writeErrors[0].errmsg);
  } finally {
    socket.destroy();
  }
}

module.exports = { insertRaw };
