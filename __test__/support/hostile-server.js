'use strict';

/** A proxy in front of a real MongoDB that says something else than the server did. */

const { once } = require('node:events');
const net = require('node:net');
const { BSON } = require('mongodb');

const HEADER = 16;
const OP_MSG = 2013;
/** Flags, and the kind of the one section. */
const BODY = HEADER + 5;
const GREETINGS = ['hello', 'ismaster'];

/** @returns {string|undefined} the name of the command in a message */
function commandOf(message) {
  if (message.readInt32LE(12) !== OP_MSG || message[BODY - 1] !== 0) return undefined;
  const [name] = Object.keys(BSON.deserialize(message.subarray(BODY, BODY + message.readInt32LE(BODY))));
  return GREETINGS.includes(name.toLowerCase()) ? 'hello' : name;
}

/** @returns {Buffer} an OP_MSG of these bytes, framed well */
function framed(body, responseTo, { flags = 0, kind = 0, opCode = OP_MSG, length = BODY + body.length } = {}) {
  const head = Buffer.alloc(BODY);
  head.writeInt32LE(length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(opCode, 12);
  head.writeUInt32LE(flags, 16);
  head[20] = kind;
  return Buffer.concat([head, body]);
}

/** One reply, to be told differently. */
class Reply {
  constructor(message, command, socket) {
    this.message = message;
    this.command = command;
    this.socket = socket;
    this.to = message.readInt32LE(8);
    /** The server's document, as bytes. */
    this.body = Buffer.from(message.subarray(BODY));
  }

  /** The server's document, with the types of its numbers. */
  get document() {
    return BSON.deserialize(this.body, { promoteLongs: false, promoteValues: false });
  }

  /** @returns {Buffer} a message with another document, or other bytes in the place of one */
  saying(what, framing) {
    return framed(Buffer.isBuffer(what) ? what : Buffer.from(BSON.serialize(what)), this.to, framing);
  }
}

/**
 * @callback Lie
 * @param {Reply} reply
 * @returns {undefined|Buffer} what to send in its place; undefined sends nothing, and leaves it to the lie to
 *   write to `reply.socket`
 */

class HostileServer {
  /** @param {number} target the port of a server on 127.0.0.1 */
  constructor(target) {
    this.target = target;
    this.sockets = new Set();
    this.honest();
  }

  async open() {
    this.server = net.createServer((client) => this.join(client));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    return this;
  }

  close() {
    this.drop();
    this.server.close();
  }

  /** Ends every connection. */
  drop() {
    for (const socket of this.sockets) socket.destroy();
  }

  honest() {
    this.lie = null;
    this.told = 0;
  }

  /** @param {Lie} lie @param {string[]} commands whose replies it is told instead of */
  lies(lie, commands) {
    this.lie = lie;
    this.about = commands;
    this.told = 0;
  }

  join(client) {
    const commands = new Map();
    const upstream = net.connect(this.target, '127.0.0.1');
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      this.sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
    client.on('data', messages((message) => {
      commands.set(message.readInt32LE(4), commandOf(message));
      upstream.write(message);
    }));
    upstream.on('data', messages((message) => {
      const command = commands.get(message.readInt32LE(8));
      commands.delete(message.readInt32LE(8));
      this.answer(client, message, command);
    }));
  }

  answer(client, message, command) {
    if (this.lie === null || !this.about.includes(command)) return client.write(message);
    this.told++;
    const instead = this.lie(new Reply(message, command, client));
    if (instead !== undefined) client.write(instead);
  }
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

module.exports = { HostileServer, Reply };
