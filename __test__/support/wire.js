'use strict';

/** MongoDB's wire messages, as far as the tests' proxies read and write them. */

const { BSON } = require('mongodb');

const HEADER = 16;
const OP_MSG = 2013;
/** Where the document of an OP_MSG begins that has one section: behind the flags and the section's kind. */
const BODY = HEADER + 5;
const TYPED = { promoteLongs: false, promoteValues: false };

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

function documentAt(bytes, at, options) {
  return BSON.deserialize(bytes.subarray(at, at + bytes.readInt32LE(at)), options);
}

/**
 * @param {Buffer} message
 * @param {object} [options] of `BSON.deserialize`; the default keeps the types of numbers
 * @returns {object|undefined} the document of an OP_MSG, with its document sequences in their places
 */
function commandOf(message, options = TYPED) {
  if (message.readInt32LE(12) !== OP_MSG) return undefined;
  let command = {};
  const hasChecksum = message.readUInt32LE(HEADER) & 1;
  const end = message.length - (hasChecksum ? 4 : 0);
  for (let at = HEADER + 4; at < end;) {
    const kind = message[at++];
    const length = message.readInt32LE(at);
    if (kind === 0) {
      command = { ...documentAt(message, at, options), ...command };
    } else {
      const nameEnd = message.indexOf(0, at + 4);
      const documents = command[message.toString('utf8', at + 4, nameEnd)] = [];
      for (let from = nameEnd + 1; from < at + length; from += message.readInt32LE(from)) documents.push(documentAt(message, from, options));
    }
    at += length;
  }
  return command;
}

/**
 * @param {object|Buffer} content a document, or bytes in the place of one
 * @param {object} [framing] what the header says; each can be wrong
 * @returns {Buffer} an OP_MSG
 */
function framed(content, { id = 1, to = 0, flags = 0, kind = 0, opCode = OP_MSG, length } = {}) {
  const body = Buffer.isBuffer(content) ? content : BSON.serialize(content);
  const head = Buffer.alloc(BODY);
  [length ?? BODY + body.length, id, to, opCode].forEach((value, index) => head.writeInt32LE(value, index * 4));
  head.writeUInt32LE(flags, HEADER);
  head[HEADER + 4] = kind;
  return Buffer.concat([head, body]);
}

module.exports = { BODY, HEADER, OP_MSG, commandOf, documentAt, framed, messages };
