'use strict';

/**
 * What a load balancer with MongoDB behind it looks like: a relay in front of a real server that adds a
 * `serviceId` to the server's greetings (OP_MSG and OP_REPLY), as a mongos does for `loadBalanced: true`.
 */

const { once } = require('node:events');
const net = require('node:net');
const { BSON } = require('mongodb');

const HEADER = 16;
const OP_REPLY = 1;
const OP_MSG = 2013;
/** Flags, and the kind of the one section. */
const OP_MSG_BODY = HEADER + 5;
const OP_REPLY_BODY = HEADER + 20;
const SERVICE_ID = new BSON.ObjectId('5f8d0d55b54764421b7156c1');

/**
 * @param {Buffer} message
 * @param {function(object): object} change makes another greeting of a server's
 * @returns {Buffer} the message, changed if it is a greeting
 */
function rewritten(message, change) {
  const opCode = message.readInt32LE(12);
  const body = { [OP_MSG]: OP_MSG_BODY, [OP_REPLY]: OP_REPLY_BODY }[opCode];
  if (body === undefined || (opCode === OP_MSG && message[OP_MSG_BODY - 1] !== 0)) return message;
  const document = BSON.deserialize(message.subarray(body, body + message.readInt32LE(body)), { promoteLongs: false, promoteValues: false });
  if (document.maxWireVersion === undefined) return message;
  // The message has no checksum any more.
  const greeting = BSON.serialize(change(document));
  const start = Buffer.from(message.subarray(0, body));
  if (opCode === OP_MSG) start.writeUInt32LE(start.readUInt32LE(HEADER) & ~1, HEADER);
  start.writeInt32LE(body + greeting.length, 0);
  return Buffer.concat([start, greeting]);
}

/** Gives a function that takes chunks of a stream and calls `onMessage` with whole messages. */
function messages(onMessage) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      onMessage(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };
}

class LoadBalancer {
  /** @param {number} target the port of a server on 127.0.0.1 */
  constructor(target) {
    this.target = target;
    this.sockets = new Set();
    /** By connection, the names of the commands it was used for. */
    this.commands = [];
  }

  async open() {
    this.server = net.createServer((client) => this.join(client));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    return this;
  }

  close() {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  join(client) {
    const names = [];
    this.commands.push(names);
    const upstream = net.connect(this.target, '127.0.0.1');
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      this.sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
    client.on('data', messages((message) => {
      if (message.readInt32LE(12) === OP_MSG && message[OP_MSG_BODY - 1] === 0) {
        names.push(Object.keys(BSON.deserialize(message.subarray(OP_MSG_BODY, OP_MSG_BODY + message.readInt32LE(OP_MSG_BODY))))[0]);
      }
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
