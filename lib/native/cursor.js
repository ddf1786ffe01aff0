'use strict';

const { call, nothing } = require('./call');
const { Opcode } = require('./binding');

/** A cursor of the background thread: whole batches, as the server sends them. */
class NativeCursor {
  #codec;

  /**
   * @param {object} codec of the documents
   * @param {Buffer} buffer a handle and the first batch's reply, as `OPEN_CURSOR` gives them
   */
  constructor(codec, buffer, start, end) {
    this.#codec = codec;
    /** 0 once the last batch is here; the background thread has forgotten the cursor then. */
    this.handle = buffer.readUInt32LE(start);
    /** The server's cursor id. */
    this.id = 0;
    this.ready = null;
    this.#read(buffer, start + 4, end);
  }

  #read(buffer, start, end) {
    if (start === end) {
      this.handle = 0;
      return;
    }
    const { cursor } = this.#codec.decode(buffer, start, end);
    this.id = cursor.id;
    this.ready = cursor.firstBatch ?? cursor.nextBatch;
    if (Number(cursor.id) === 0) this.handle = 0;
  }

  /**
   * @returns {Promise<object[]|null>} the next batch's documents; null when there are none left
   */
  async nextBatch() {
    if (this.ready === null && this.handle !== 0) {
      await call(Opcode.NextBatch, this.handle, '', null, (buffer, start, end) => this.#read(buffer, start, end));
    }
    const batch = this.ready;
    this.ready = null;
    return batch;
  }

  /** Kills the server's cursor if it is still open. Never rejects. */
  async close() {
    const { handle } = this;
    if (handle === 0) return;
    this.handle = 0;
    await call(Opcode.CloseCursor, handle, '', null, nothing).catch(nothing);
  }
}

module.exports = { NativeCursor };
