'use strict';

/** Larger buffers are not kept alive for the sake of their view. */
const KEEP_BYTES = 1024 * 1024;

let lastBuffer = null;
let lastView = null;

/**
 * A DataView over a buffer. Callers use the same few buffers over and over, and making a view
 * costs as much as encoding a dozen values.
 *
 * @param {Buffer} buffer
 * @returns {DataView}
 */
function viewOf(buffer) {
  if (buffer === lastBuffer) return lastView;
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (buffer.byteLength <= KEEP_BYTES) {
    lastBuffer = buffer;
    lastView = view;
  }
  return view;
}

module.exports = { viewOf };
