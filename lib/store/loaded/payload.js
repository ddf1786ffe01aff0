'use strict';

const PREFIX = Buffer.from('session.');
const END = Buffer.alloc(1);
const STRING = 2;

/**
 * The payload of a patch: three documents, of what to set, what to remove, and what to store
 * instead where that cannot be done.
 *
 * @param {{set: Map<string, Buffer>, unset: string[]}} changes
 * @param {Buffer} whole `{ session }` as BSON
 * @returns {function(Buffer, number): number} writes it (see `submit`)
 */
function patchPayload({ set, unset }, whole) {
  const setParts = [...set.values()].flatMap((element) => [element.subarray(0, 1), PREFIX, element.subarray(1)]);
  const unsetParts = unset.map((key) => Buffer.from(`${String.fromCharCode(STRING)}session.${key}\0\x01\0\0\0\0`));
  return payload([...document(setParts), ...document(unsetParts), whole]);
}

/** @param {Buffer[]} parts that make up the payload */
function payload(parts) {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  return (buffer, offset) => {
    if (offset + total > buffer.length) return -1;
    for (const part of parts) {
      buffer.set(part, offset);
      offset += part.length;
    }
    return offset;
  };
}

/** @returns {Buffer[]} the parts of a document, made of those of its elements */
function document(elements) {
  const length = Buffer.alloc(4);
  length.writeInt32LE(elements.reduce((sum, part) => sum + part.length, 5));
  return [length, ...elements, END];
}

module.exports = { patchPayload, payload };
