'use strict';

/**
 * The commands of a scenario as complete wire messages (OP_MSG), the same that stores send: one
 * operation each, or many in one `find … $in` and one unordered `update`.
 */

const { calculateObjectSize, serialize } = require('bson');
const { random } = require('../random');

const OP_MSG = 2013;
const HEADER_BYTES = 16;
const GET_SHARE = { get: 1, set: 0, touch: 0, mix80: 0.8, mix50: 0.5 };
/** As many writes as go into one command of the store: see `src/pacing.rs`. */
const MAX_BYTES = 512 * 1024;
/** Each session is written with one content, then with another: writing what is there costs less. */
const CONTENTS = 2;
/** What an earlier turn has left is another content too: each turn begins with one of so many. */
const FIRST_CONTENTS = 1_000;
const DAY_MS = 86_400_000;

function message(command, requestId) {
  const body = serialize(command);
  const bytes = Buffer.alloc(HEADER_BYTES + 5 + body.length);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(requestId, 4);
  bytes.writeInt32LE(OP_MSG, 12);
  bytes.set(body, HEADER_BYTES + 5);
  return bytes;
}

function find(place, sids) {
  const filter = sids.length === 1 ? { _id: sids[0] } : { _id: { $in: sids } };
  const limits = sids.length === 1 ? { limit: 1, singleBatch: true } : { batchSize: sids.length + 1 };
  return { find: place.collection, filter, ...limits, $db: place.database };
}

function update(place, statements) {
  return { update: place.collection, ordered: false, updates: statements, $db: place.database };
}

function set(sid, session, expires) {
  return { q: { _id: sid }, u: { $set: { _id: sid, session, expires } }, upsert: true };
}

function touch(sid, { cookie }, expires) {
  const u = { $set: { 'session.cookie': cookie, expires } };
  return { q: { _id: sid, expires: { $not: { $lte: new Date() } } }, u, hint: { _id: 1 } };
}

/** A session's statement with one content or the other. */
function statement(operation, { sids, templates, expires }, index, content) {
  const at = new Date(expires + content * DAY_MS);
  const template = templates[index % templates.length];
  const session = { ...template, cookie: { ...template.cookie, expires: at }, visitor: index, requests: content };
  return operation === 'touch' ? touch(sids[index], session, at) : set(sids[index], session, at);
}

/** All indexes, in an order that has nothing to do with the documents'. */
function shuffled(count, draw) {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(draw() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** Takes groups for one command each: at most `batch` statements and as many bytes as fit. */
function groups(statements, batch) {
  const made = [];
  let bytes = Infinity;
  for (const one of statements) {
    const size = calculateObjectSize(one);
    if (bytes + size > MAX_BYTES || made.at(-1).length === batch) {
      made.push([]);
      bytes = 0;
    }
    made.at(-1).push(one);
    bytes += size;
  }
  return made;
}

/**
 * Builds the messages of one scenario.
 *
 * @param {{database: string, collection: string}} place
 * @param {{sids: string[], templates: object[], expires: number}} made of `makeSessions`
 * @param {{operation: string, batch: number, seed: number}} scenario `batch` operations in a message at most
 * @returns {Buffer} as `player.rs` reads it
 */
function messagesOf(place, made, { operation, batch, seed }) {
  // Batched and not, one after the other, are turns of their own.
  const draw = random(seed * 1_000 + batch);
  const share = GET_SHARE[operation];
  const first = CONTENTS * Math.floor(draw() * FIRST_CONTENTS);
  const parts = [];
  const add = (command, operations) => {
    const bytes = message(command, parts.length + 1);
    const header = Buffer.alloc(8);
    header.writeUInt32LE(operations, 0);
    header.writeUInt32LE(bytes.length, 4);
    parts.push(header, bytes);
  };
  for (let content = first; content < first + CONTENTS; content++) {
    const order = shuffled(made.sids.length, draw);
    for (let start = 0; start < order.length; start += batch) {
      const now = order.slice(start, start + batch);
      const reads = now.filter(() => draw() < share);
      const read = new Set(reads);
      const writes = now.filter((index) => !read.has(index)).map((index) => statement(operation, made, index, content));
      if (reads.length > 0) add(find(place, reads.map((index) => made.sids[index])), reads.length);
      for (const group of groups(writes, batch)) add(update(place, group), group.length);
    }
  }
  return Buffer.concat(parts);
}

module.exports = { messagesOf };
