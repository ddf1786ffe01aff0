'use strict';

/**
 * A proxy in front of a real MongoDB that reads the commands it passes on, and can do to each what networks do: lose it,
 * hold it up, deliver it late, lose its answer; or answer in the server's place.
 */

const { Relay } = require('../../tools/relay');
const { BODY, commandOf, documentAt, framed, messages } = require('./wire');

const WRITES = ['update', 'delete'];
const STATEMENTS = { update: 'updates', delete: 'deletes' };

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
    this.connection.client.write(framed(document, { to: this.id }));
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

class WireProxy extends Relay {
  /** @param {number} target the port of a server on 127.0.0.1 */
  constructor(target) {
    super(target);
    this.connections = new Set();
    this.honest();
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
    const upstream = this.connect();
    const connection = new Connection(client, upstream);
    this.connections.add(connection);
    this.keep(client, () => connection.keepUpstream || upstream.destroy());
    this.keep(upstream, () => {
      this.connections.delete(connection);
      connection.ended();
    });
    client.on('data', messages((message) => this.request(message, connection)));
    upstream.on('data', messages((message) => this.reply(message, connection)));
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
    const document = documentAt(message, BODY);
    const instead = connection.mute ? undefined : this.retell?.(request, document);
    if (instead) request.answer(instead);
    else if (!connection.mute) connection.client.write(message);
    request.settle(document);
  }
}

module.exports = { WireProxy };
