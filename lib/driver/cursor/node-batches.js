'use strict';

/** The batches of a cursor of the Node driver, read like those of a native one. */
class NodeBatches {
  /** @param {AbstractCursor} cursor the Node driver's */
  constructor(cursor) {
    this.cursor = cursor;
  }

  /** The server's cursor id; 0 when the server has no more. */
  get id() {
    return this.cursor.closed ? 0 : this.cursor.id;
  }

  /**
   * @returns {Promise<object[]|null>} the next batch's documents, of which a tailable cursor may have none
   *   yet; null when there are none left
   */
  async nextBatch() {
    const document = await this.cursor.tryNext();
    const documents = document === null ? [] : [document, ...this.cursor.readBufferedDocuments()];
    if (Number(this.id) !== 0) return documents;
    // Some versions close a cursor, and end its session, only when it is asked for more, which nobody will.
    await this.cursor.close();
    return document === null ? null : documents;
  }

  async close() {
    await this.cursor.close();
  }
}

module.exports = { NodeBatches };
