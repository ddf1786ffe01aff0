'use strict';

/** A proxy in front of a real MongoDB that says something else than the server did. */

const { BSON } = require('mongodb');
const { Relay } = require('../../tools/relay');
const { BODY, commandOf, framed, messages } = require('./wire');

const GREETINGS = ['hello', 'ismaster'];

/** @returns {string|undefined} the name of the command in a message */
function nameOf(message) {
  const [name] = Object.keys(commandOf(message) ?? {});
  return GREETINGS.includes(name?.toLowerCase()) ? 'hello' : name;
}

/** One reply of the server, from which a lie makes another. */
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
    return framed(what, { ...framing, to: this.to });
  }
}

/**
 * @callback Lie
 * @param {Reply} reply
 * @returns {undefined|Buffer} what to send in its place; undefined sends nothing, and leaves it to the lie to
 *   write to `reply.socket`
 */

class HostileServer extends Relay {
  /** @param {number} target the port of a server on 127.0.0.1 */
  constructor(target) {
    super(target);
    this.honest();
  }

  honest() {
    this.lie = null;
    this.told = 0;
  }

  /** @param {Lie} lie @param {string[]} commands whose replies the lie replaces */
  lies(lie, commands) {
    this.lie = lie;
    this.about = commands;
    this.told = 0;
  }

  pass(client, upstream) {
    const commands = new Map();
    client.on('data', messages((message) => {
      commands.set(message.readInt32LE(4), nameOf(message));
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

module.exports = { HostileServer, Reply };
