'use strict';

/**
 * A proxy in front of a real MongoDB that reads the commands it passes on, and can do to each what networks do: lose it,
 * hold it up, deliver it late, lose its answer; or answer in the server's place.
 */

const { once } = require('node:events');
const net = require('node:net');
const { BSON } = require('mongodb');

const HEADER = 16;
const OP_MSG = 2013;
/** Flags, and the kind of the first section. */
const BODY = HEADER + 5;
const WRITES = ['update', 'delete'];
const STATEMENTS = { update: 'updates', delete: 'deletes' };

/** @returns {object|undefined} the command of a message, with its document sequences in their places */
function commandOf(message) {
  if (message.readInt32LE(12) !== OP_MSG) return undefined;
  let command = {};
  const hasChecksum = message.readUInt32LE(HEADER) & 1;
  const end = message.length - (hasChecksum ? 4 : 0);
  for (let at = HEADER + 4; at < end;) {
    const kind = message[at++];
    const length = message.readInt32LE(at);
    if (kind === 0) {
      command = { ...BSON.deserialize(message.subarray(at, at + length), { promoteLongs: false, promoteValues: false }), ...command };
    } else {
      const nameEnd = message.indexOf(0, at + 4);
      const documents = [];
      for (let from = nameEnd + 1; from < at + length;) {
        const size = message.readInt32LE(from);
        documents.push(BSON.deserialize(message.subarray(from, from + size), { promoteLongs: false, promoteValues: false }));
        from += size;
      }
      command[message.toString('utf8', at + 4, nameEnd)] = documents;
    }
    at += length;
  }
  return command;
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

/** One command on its way to the server. */
class Request {
  constructor(command, bytes, connection) {
    this.command = command;
    this.bytes = bytes;
    this.connection = connection;
    this.at = performance.now();
    /** Settled once: what the server answered, or undefined when it never was asked or has gone. */
    this.answered = new Promise((resolve) => (this.settle = resolve));
  }

  get name() {
    return Object.keys(this.command).find((key) => key !== 'updates' && key !== 'deletes' && key !== 'documents');
  }

  get id() {
    return this.bytes.readInt32LE(4);
  }

  get isWrite() {
    return WRITES.includes(this.name);
  }

  /** @returns {object[]} the statements of a write */
  get statements() {
    return this.command[STATEMENTS[this.name]] ?? [];
  }

  /** @returns {string[]} the ids of the sessions that a write concerns */
  get sids() {
    return this.statements.map(({ q }) => String(q._id));
  }

  /** @returns {string|null} its server session and number there, if it has both */
  get transaction() {
    const { lsid, txnNumber } = this.command;
    return lsid && txnNumber !== undefined ? `${lsid.id.toString('hex')}/${txnNumber}` : null;
  }

  deliver() {
    const { upstream } = this.connection;
    if (upstream.destroyed) this.settle(undefined);
    else upstream.write(this.bytes);
    return this.answered;
  }

  /** The connection breaks before the server has it, and it is gone. */
  lose() {
    this.connection.breakOff();
    this.settle(undefined);
  }

  /** The connection breaks, and the server gets the command when `deliver` is called: as late as one likes. */
  delay() {
    this.connection.breakOff({ keepUpstream: true });
  }

  /** The server does it, and the connection breaks before it can answer. */
  loseAnswer() {
    this.connection.mute = true;
    this.deliver();
    this.answered.then(() => this.connection.breakOff());
  }

  /** Answers in the server's place, which does not get it. */
  answer(document) {
    const body = BSON.serialize(document);
    const head = Buffer.alloc(BODY);
    head.writeInt32LE(BODY + body.length, 0);
    head.writeInt32LE(1, 4);
    head.writeInt32LE(this.id, 8);
    head.writeInt32LE(OP_MSG, 12);
    this.connection.client.write(Buffer.concat([head, body]));
    this.settle(undefined);
  }
}

class Connection {
  constructor(client, upstream) {
    this.client = client;
    this.upstream = upstream;
    this.requests = new Map();
    /** Whether answers are swallowed. */
    this.mute = false;
    this.keepUpstream = false;
  }

  breakOff({ keepUpstream = false } = {}) {
    this.mute = true;
    this.keepUpstream = keepUpstream;
    this.client.resetAndDestroy();
    if (!keepUpstream) this.upstream.destroy();
  }

  ended() {
    for (const request of this.requests.values()) request.settle(undefined);
    this.client.destroy();
  }
}

class WireProxy {
  /** @param {number} target the port of a server on 127.0.0.1 */
  constructor(target) {
    this.target = target;
    this.connections = new Set();
    this.honest();
  }

  async open() {
    this.server = net.createServer((client) => this.join(client));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    return this;
  }

  async close() {
    this.server.close();
    for (const { client, upstream } of this.connections) {
      client.destroy();
      upstream.destroy();
    }
    await once(this.server, 'close');
  }

  /** Passes everything on, and forgets what it has seen. */
  honest() {
    /** Every command but greetings, in the order they came. */
    this.seen = [];
    /** @type {function(Request): *} what is to be done to a command; passes it on where it returns undefined */
    this.treat = () => undefined;
    /** @type {function(Request, object): object|undefined} another document in the place of the server's answer */
    this.retell = null;
  }

  /** @returns {Request[]} the writes that were seen */
  get writes() {
    return this.seen.filter(({ isWrite }) => isWrite);
  }

  join(client) {
    const upstream = net.connect(this.target, '127.0.0.1');
    const connection = new Connection(client, upstream);
    this.connections.add(connection);
    client.on('data', messages((message) => this.request(message, connection)));
    upstream.on('data', messages((message) => this.reply(message, connection)));
    client.on('error', () => {}).on('close', () => {
      if (!connection.keepUpstream) upstream.destroy();
    });
    upstream.on('error', () => {}).on('close', () => {
      this.connections.delete(connection);
      connection.ended();
    });
  }

  request(message, connection) {
    const command = commandOf(message);
    const request = command && new Request(command, Buffer.from(message), connection);
    if (!request || /^(hello|ismaster)$/i.test(request.name)) {
      connection.upstream.write(message);
      return;
    }
    connection.requests.set(request.id, request);
    this.seen.push(request);
    if (this.treat(request) === undefined) request.deliver();
  }

  reply(message, connection) {
    const request = connection.requests.get(message.readInt32LE(8));
    connection.requests.delete(request?.id);
    if (!request) {
      if (!connection.mute) connection.client.write(message);
      return;
    }
    const document = BSON.deserialize(message.subarray(BODY, BODY + message.readInt32LE(BODY)));
    const instead = connection.mute ? undefined : this.retell?.(request, document);
    if (instead) request.answer(instead);
    else if (!connection.mute) connection.client.write(message);
    request.settle(document);
  }
}

module.exports = { WireProxy };
