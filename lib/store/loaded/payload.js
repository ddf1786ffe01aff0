'use strict';

const PREFIX = Buffer.from('session.');
const WHOLE = Buffer.from('\x03session\0', 'latin1');
const STRING = 2;

/**
 * The payload of a patch: three documents, of what to set, what to remove, and what to store
 * instead where that cannot be done.
 *
 * @param {{set: Buffer[], unset: string[]}} changes
 * @param {Buffer} session as BSON
 * @returns {function(Buffer, number): number} writes it (see `submit`)
 */
function patchPayload({ set, unset }, session) {
  const setParts = set.flatMap((element) => [element.subarray(0, 1), PREFIX, element.subarray(1)]);
  const unsetParts = unset.map((key) => Buffer.from(`${String.fromCharCode(STRING)}session.${key}\0\x01\0\0\0\0`));
  return documents([setParts, unsetParts, [WHOLE, session]]);
}

/** @returns {function(Buffer, number): number} writes `{ session }` */
function wholePayload(session) {
  return documents([[WHOLE, session]]);
}

/** @param {Buffer[][]} list documents, by the parts of their elements */
function documents(list) {
  const sizes = list.map((parts) => parts.reduce((sum, part) => sum + part.length, 5));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return (buffer, offset) => {
    if (offset + total > buffer.length) return -1;
    list.forEach((parts, index) => {
      buffer.writeInt32LE(sizes[index], offset);
      offset += 4;
      for (const part of parts) {
        buffer.set(part, offset);
        offset += part.length;
      }
      buffer[offset++] = 0;
    });
    return offset;
  };
}

module.exports = { patchPayload, wholePayload };
