'use strict';

/**
 * What a load balancer with MongoDB behind it looks like: a relay in front of a real server that adds a
 * `serviceId` to the server's greetings (OP_MSG and OP_REPLY), as a mongos does for `loadBalanced: true`.
 */

const { BSON } = require('mongodb');
const { Relay } = require('../../tools/relay');
const { BODY, HEADER, OP_MSG, commandOf, documentAt, messages } = require('./wire');

const OP_REPLY = 1;
const OP_REPLY_BODY = HEADER + 20;
const SERVICE_ID = new BSON.ObjectId('5f8d0d55b54764421b7156c1');

/**
 * @param {Buffer} message
 * @param {function(object): object} change makes another greeting of a server's
 * @returns {Buffer} the message, changed if it is a greeting
 */
function rewritten(message, change) {
  const opCode = message.readInt32LE(12);
  const body = { [OP_MSG]: BODY, [OP_REPLY]: OP_REPLY_BODY }[opCode];
  if (body === undefined || (opCode === OP_MSG && message[BODY - 1] !== 0)) return message;
  const document = documentAt(message, body, { promoteLongs: false, promoteValues: false });
  if (document.maxWireVersion === undefined) return message;
  // The message has no checksum any more.
  const greeting = BSON.serialize(change(document));
  const start = Buffer.from(message.subarray(0, body));
  if (opCode === OP_MSG) start.writeUInt32LE(start.readUInt32LE(HEADER) & ~1, HEADER);
  start.writeInt32LE(body + greeting.length, 0);
  return Buffer.concat([start, greeting]);
}

class LoadBalancer extends Relay {
  /** @param {number} target the port of a server on 127.0.0.1 */
  constructor(target) {
    super(target);
    /** By connection, the names of the commands it was used for. */
    this.commands = [];
  }

  pass(client, upstream) {
    const names = [];
    this.commands.push(names);
    client.on('data', messages((message) => {
      const command = commandOf(message);
      if (command) names.push(Object.keys(command)[0]);
      upstream.write(message);
    }));
    upstream.on('data', messages((message) => client.write(rewritten(message, balanced))));
  }
}

/** As a mongos says it. */
function balanced(greeting) {
  return { ...greeting, msg: 'isdbgrid', serviceId: SERVICE_ID };
}

module.exports = { LoadBalancer, rewritten };
