'use strict';

/** Lies about messages and their bytes, each sent in the place of the reply to any command. */

/** The reply with the size of its document set to something else. */
function sized(size) {
  return (reply) => {
    const body = Buffer.from(reply.body);
    body.writeInt32LE(size(body.length), 0);
    return reply.saying(body);
  };
}

/** A document in a document in a document. */
function nested(levels) {
  const bytes = Buffer.alloc(levels * 8 + 5);
  for (let level = 0; level < levels; level++) {
    bytes.writeInt32LE(bytes.length - level * 8, level * 7);
    bytes.set([3, 0x61, 0], level * 7 + 4);
  }
  bytes.writeInt32LE(5, levels * 7);
  return bytes;
}

/** Sends until the other side has had enough. */
function endlessly(socket, chunk, everyMs) {
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else if (socket.writableLength < 1e6) socket.write(chunk);
  }, everyMs);
  socket.on('close', () => clearInterval(timer));
}

let previous = null;

const FRAMING = {
  'a document cut in half': (reply) => reply.saying(reply.body.subarray(0, reply.body.length >> 1)),
  'no document': (reply) => reply.saying(Buffer.alloc(0)),
  'a document that says it is longer': sized((size) => size + 1000),
  'a document that says it is a little shorter': sized((size) => size - 1),
  'a document of 2 GB, it says': sized(() => 0x7fffffff),
  'a document of negative size': sized(() => -1),
  'a document of no size': sized(() => 0),
  'a document inside that says it is longer': (reply) => {
    const body = Buffer.from(reply.body);
    // The first element of each reply here is a document or a number.
    const at = body.indexOf(0, 5) + 1;
    body.writeInt32LE(0x7ffffff0, at);
    return reply.saying(body);
  },
  'text that is no UTF-8': (reply) => {
    const body = Buffer.from(reply.body);
    for (let at = 4; at < body.length - 1; at++) if (body[at] >= 0x61 && body[at] <= 0x7a) body[at] = 0xff;
    return reply.saying(body);
  },
  'a message of 2 GB, it says': (reply) => reply.saying(reply.body, { length: 0x7fffffff }),
  'a message of negative length': (reply) => reply.saying(reply.body, { length: -20 }),
  'a message shorter than its header': (reply) => reply.saying(reply.body, { length: 5 }),
  'a message that is longer than it says': (reply) => reply.saying(reply.body, { length: 30 }),
  'an answer to something else': (reply) => {
    const message = Buffer.from(reply.message);
    message.writeInt32LE(reply.to + 1000, 8);
    return message;
  },
  'the answer before this one': (reply) => {
    const before = previous ?? reply.body;
    previous = reply.body;
    return reply.saying(before);
  },
  'every answer twice': (reply) => Buffer.concat([reply.message, reply.message]),
  'an unknown kind of message': (reply) => reply.saying(reply.body, { opCode: 4711 }),
  'an unknown kind of section': (reply) => reply.saying(reply.body, { kind: 7 }),
  'unknown flags': (reply) => reply.saying(reply.body, { flags: 0xffff }),
  'a checksum that is not there': (reply) => reply.saying(reply.body, { flags: 1 }),
  'compressed bytes that nobody asked for': (reply) => reply.saying(Buffer.concat([Buffer.from([221, 7, 0, 0, 255, 255, 255, 127, 2]), reply.body]), { opCode: 2012 }),
  'more to come, and nothing comes': (reply) => reply.saying(reply.body, { flags: 2 }),
  'more to come, for ever': (reply) => {
    const again = reply.saying(reply.body, { flags: 2 });
    endlessly(reply.socket, again, 1);
    return again;
  },
  'a byte now and then': (reply) => {
    let at = 0;
    const timer = setInterval(() => {
      if (reply.socket.destroyed || at >= reply.message.length - 1) clearInterval(timer);
      else reply.socket.write(reply.message.subarray(at, ++at));
    }, 100);
  },
  'half of it': (reply) => reply.message.subarray(0, reply.message.length >> 1),
  'half of it, and the end': (reply) => void reply.socket.end(reply.message.subarray(0, reply.message.length >> 1)),
  'noise': () => Buffer.from(Array.from({ length: 500 }, (_, n) => (n * 197 + 13) % 256)),
  'nothing': () => undefined,
  // MongoDB itself makes none of more than 200.
  'a document 600 levels deep': (reply) => reply.saying(nested(600)),
  'an empty document': (reply) => reply.saying({}),
  'no ok': (reply) => reply.saying({ ...reply.document, ok: undefined }),
  'an ok that is text': (reply) => reply.saying({ ...reply.document, ok: 'yes' }),
  'an ok that is null': (reply) => reply.saying({ ...reply.document, ok: null }),
  'not ok, and nothing else': (reply) => reply.saying({ ok: 0 }),
  'not ok, with parts of the wrong types': (reply) => reply.saying({ ok: 0, code: 'seven', codeName: 7, errmsg: { a: 1 }, errorLabels: 'Retryable' }),
  'not ok, with parts of other wrong types': (reply) => reply.saying({ ok: 0, code: -1e300, codeName: null, errmsg: ['x'], errorLabels: [7, null, {}] }),
  'an error message of 10 MB': (reply) => reply.saying({ ok: 0, code: 1, errmsg: 'x'.repeat(1e7) }),
  'times of the cluster of the wrong types': (reply) => reply.saying({ ...reply.document, operationTime: 'now', $clusterTime: 7 })
};

/** Those that may go unnoticed. */
const UNNOTICED = [
  'unknown flags', 'every answer twice', 'times of the cluster of the wrong types', 'an answer to something else', 'the answer before this one',
  'a checksum that is not there', 'more to come, and nothing comes', 'more to come, for ever', 'a document inside that says it is longer'
];

module.exports = { FRAMING, UNNOTICED, nested };
