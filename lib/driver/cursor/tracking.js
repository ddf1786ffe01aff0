'use strict';

/**
 * Which cursors a client has open on the server: they are closed with the client, and when an
 * application loses one without reading it to its end or closing it.
 */

const lost = new FinalizationRegistry(({ native, references, reference }) => {
  references.delete(reference);
  native.close();
});

/**
 * @param {AbstractCursor} cursor that the server holds open
 * @param {NativeCursor} native
 */
function track(cursor, native) {
  const references = cursor.s.client.cursors;
  const reference = new WeakRef(cursor);
  cursor.s.reference = reference;
  references.add(reference);
  lost.register(cursor, { native, references, reference }, reference);
}

/** @param {AbstractCursor} cursor that is over, tracked or not */
function untrack(cursor) {
  const { reference, client } = cursor.s;
  if (reference === null) return;
  cursor.s.reference = null;
  client.cursors.delete(reference);
  lost.unregister(reference);
}

/**
 * @param {Set<WeakRef<AbstractCursor>>} references
 * @returns {Promise<void>} when all of them are closed
 */
async function closeAll(references) {
  await Promise.all(Array.from(references, (reference) => reference.deref()?.close()));
}

module.exports = { closeAll, track, untrack };
