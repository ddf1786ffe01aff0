'use strict';

/** How a cursor gets its documents: what its reading methods share. */

const { MongoAPIError, MongoCursorExhaustedError } = require('../../errors');
const { openCursor } = require('../execute');
const { NodeBatches } = require('./node-batches');
const { track, untrack } = require('./tracking');

/** @throws {MongoCursorExhaustedError} when the cursor was closed while the server had more */
function requireReadable(cursor) {
  if (cursor.s.killed) throw new MongoCursorExhaustedError();
}

/** Takes the next document that is here already, through the cursor's `map`. */
async function takeDocument(cursor) {
  const { documents, position, transform } = cursor.s;
  const document = documents[position];
  // The reader owns it now: a long batch must not hold it.
  documents[position] = undefined;
  cursor.s.position++;
  if (transform === null) return document;
  try {
    const transformed = transform(document);
    if (transformed !== null) return transformed;
    throw new MongoAPIError(
      'Cursor returned a `null` document, but the cursor is not exhausted.  Mapping documents to `null` is ' +
        'not supported in the cursor transform.'
    );
  } catch (error) {
    await cursor.close();
    throw error;
  }
}

/** Gets the next batch, once, however many ask at the same time. */
function fetchBatch(cursor) {
  const internals = cursor.s;
  if (internals.fetching === null) {
    const fetching = fetchOnce(cursor).finally(() => {
      if (internals.fetching === fetching) internals.fetching = null;
    });
    internals.fetching = fetching;
  }
  return internals.fetching;
}

async function fetchOnce(cursor) {
  const internals = cursor.s;
  const { round } = internals;
  // Closed or rewound while something was under way.
  const isOver = () => internals.closed || internals.round !== round;
  try {
    if (internals.native === null) {
      internals.initialized = true;
      const native = await open(cursor);
      if (isOver()) return await native.close();
      internals.native = native;
      track(cursor, native);
    }
    const { native } = internals;
    const batch = await native.nextBatch();
    if (isOver()) return;
    internals.documents = batch ?? [];
    internals.position = 0;
    if (batch === null || Number(native.id) === 0) endReading(cursor);
  } catch (error) {
    if (internals.round === round) await cursor.close();
    throw error;
  }
}

async function open(cursor) {
  const { client, namespace, options, node } = cursor.s;
  if (node !== null) return new NodeBatches(node);
  const { command, nature } = cursor.request(options);
  return openCursor(client, namespace.db, command, options, nature);
}

/** The server has no more, or nobody wants it. */
function endReading(cursor) {
  cursor.s.closed = true;
  untrack(cursor);
  cursor.emit('close');
}

module.exports = { endReading, fetchBatch, requireReadable, takeDocument };
