'use strict';

const { Readable, Transform } = require('stream');

/** A cursor's documents as a stream. */
class CursorStream extends Readable {
  /** @param {AbstractCursor} cursor is closed when the stream is destroyed */
  constructor(cursor) {
    super({ objectMode: true, highWaterMark: 1 });
    this.cursor = cursor;
  }

  /**
   * @param {AbstractCursor} cursor
   * @param {{transform?: function(object): *}} [options]
   * @returns {Readable}
   */
  static of(cursor, options) {
    const stream = new CursorStream(cursor);
    if (!options?.transform) return stream;
    const transformed = new Transform({
      objectMode: true,
      highWaterMark: 1,
      transform(document, _encoding, done) {
        let result;
        try {
          result = options.transform(document);
        } catch (error) {
          return done(error);
        }
        done(null, result);
      }
    });
    // Without this, nobody could see the cursor's errors, nor end it early.
    stream.on('error', (error) => transformed.destroy(error));
    transformed.on('close', () => stream.destroy());
    return stream.pipe(transformed);
  }

  _read() {
    if (this.cursor.killed) {
      this.push(null);
      return;
    }
    this.cursor.next().then((document) => this.push(document), (error) => this.destroy(error));
  }

  _destroy(error, done) {
    this.cursor.close().then(() => done(error), done);
  }
}

module.exports = { CursorStream };
