'use strict';

/**
 * This JavaScript realm's one connection to the background thread: operations go out in one
 * buffer per tick, results come back in bulk.
 *
 * Layouts are documented where they are read and written on the other side: `src/request.rs`
 * and `src/completion.rs`.
 */

const { AsyncResource } = require('async_hooks');
// Not the globals: test frameworks replace those.
const { setInterval } = require('timers');
const { Realm } = require('./binding');
const { Turn } = require('./turn');

// Taken at once: fake timers of test frameworks replace it.
const { nextTick } = process;

const SUBMISSION_HEADER = 28;
const COMPLETION_HEADER = 12;
const BUFFER_BYTES = 64 * 1024;
/** Buffers that grew beyond this for one large session are not kept. */
const KEEP_BYTES = 1024 * 1024;
/** Operations are handed over before the tick ends once they fill this much. */
const FLUSH_BYTES = 256 * 1024;
const DONE = 0;
/** Of an operation that nobody waits for. */
const UNREAD = new Error('the operation failed');

const realm = new Realm(drain);
const turn = new Turn(drain);

let submission = Buffer.allocUnsafeSlow(BUFFER_BYTES);
let length = 0;
/** How much of it the background thread already has; more than 0 only while a record is written. */
let flushed = 0;
let writing = false;
let scheduled = false;
const completion = Buffer.allocUnsafeSlow(BUFFER_BYTES);

/** Who waits, by request number. */
const requests = [];
const freeRequests = [];
let pending = 0;

/** An idle store must not keep the process alive, an operation under way must. */
let keepAlive;

class Request extends AsyncResource {
  constructor(done) {
    super('MongoDBStoreOperation', { requireManualDestroy: true });
    this.done = done;
    /** Whether the process stays for its answer. */
    this.awaited = true;
  }
}

/**
 * Sends one operation.
 *
 * @param {number} operation its code: an `Opcode` of the addon
 * @param {number} target a client's, store's or cursor's handle
 * @param {string} name a session id or a database's name
 * @param {number} expires ms since 1970, NaN for none
 * @param {null|function(Buffer, number): number} write writes the payload into the buffer at the
 *   offset and returns where it ends, or -1 when there is no room; what it throws, `submit` throws
 * @param {function(Error|null, Buffer, number, number)} done gets the result's bytes, valid only
 *   while it runs; must not throw and must not run user code
 * @returns {Request}
 */
function submit(operation, target, name, expires, write, done) {
  if (writing) return submitWithin(operation, target, name, expires, write, done);
  const start = length;
  writing = true;
  let end;
  try {
    end = writeRecord(start, operation, target, name, expires, write);
  } finally {
    writing = false;
  }
  const request = freeRequests.length > 0 ? freeRequests.pop() : requests.length;
  const waiting = requests[request] = new Request(done);
  submission.writeUInt32LE(end - start, start);
  submission.writeUInt32LE(request, start + 4);
  length = end;
  if (pending++ === 0) (keepAlive ??= setInterval(() => {}, 0x7fffffff)).ref();
  if (length >= FLUSH_BYTES) flush();
  else if (!scheduled) {
    scheduled = true;
    nextTick(flush);
  }
  return waiting;
}

/**
 * Sends an operation that the process does not stay for. Its `done` hears that there was an error, but not which
 * one: the code that makes an error may not be loadable any more, as with a test framework that is done. Who needs the
 * error calls `readError` with what `done` got.
 */
function submitUnawaited(...operation) {
  leave(submit(...operation));
}

/** The process does not stay for an operation any more, which has not ended yet. */
function leave(request) {
  request.awaited = false;
  release();
}

function release() {
  if (--pending === 0) keepAlive.unref();
}

/**
 * Sends an operation while the record of another is being written: a getter or a `toJSON` in a
 * session called the store. It goes behind what is complete, and before the other.
 */
function submitWithin(...operation) {
  const outer = { submission, length };
  post();
  submission = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  length = flushed = 0;
  writing = false;
  try {
    const waiting = submit(...operation);
    post();
    return waiting;
  } finally {
    ({ submission, length } = outer);
    flushed = length;
    writing = true;
  }
}

/** Everything of a record but its length and request, which are only known when nothing threw. */
function writeRecord(start, operation, target, name, expires, write) {
  reserve(start + SUBMISSION_HEADER + name.length * 3);
  const nameStart = start + SUBMISSION_HEADER;
  const nameBytes = submission.write(name, nameStart);
  submission.writeUInt32LE(operation, start + 8);
  submission.writeUInt32LE(target, start + 12);
  submission.writeDoubleLE(expires, start + 16);
  submission.writeUInt32LE(nameBytes, start + 24);
  const end = nameStart + nameBytes;
  if (write === null) return end;
  for (;;) {
    const written = write(submission, end);
    if (written >= 0) return written;
    reserve(submission.length * 2);
  }
}

function reserve(bytes) {
  if (bytes <= submission.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(bytes, submission.length * 2));
  submission.copy(larger, 0, 0, submission.length);
  submission = larger;
}

/** Hands over the complete records that the background thread does not have yet. */
function post() {
  if (length > flushed) {
    realm.submit(flushed === 0 ? submission : submission.subarray(flushed, length), length - flushed);
  }
}

function flush() {
  scheduled = false;
  if (writing || length === 0) return;
  post();
  length = flushed = 0;
  if (submission.length > KEEP_BYTES) submission = Buffer.allocUnsafeSlow(BUFFER_BYTES);
}

/** Called when the background thread has results; it calls again only after a drain to the end. */
function drain() {
  while (!turn.isOver()) {
    const bytes = realm.drain(completion);
    if (bytes === 0) break;
    if (bytes > 0) {
      deliver(completion, bytes);
    } else {
      const large = Buffer.allocUnsafeSlow(-bytes);
      deliver(large, realm.drain(large));
    }
  }
  // What the results set off goes out together.
  flush();
}

function deliver(buffer, bytes) {
  for (let at = 0; at < bytes;) {
    const end = at + buffer.readUInt32LE(at);
    const request = buffer.readUInt32LE(at + 4);
    const failed = buffer[at + 8] !== DONE;
    const waiting = requests[request];
    requests[request] = undefined;
    freeRequests.push(request);
    if (waiting.awaited) release();
    let error = null;
    if (failed) error = waiting.awaited ? readError(buffer, at + COMPLETION_HEADER, end) : UNREAD;
    try {
      waiting.runInAsyncScope(waiting.done, undefined, error, buffer, at + COMPLETION_HEADER, end);
    } catch (fault) {
      // Ours, not a caller's; it must not keep the others from their results.
      nextTick(() => {
        throw fault;
      });
    }
    waiting.emitDestroy();
    at = end;
  }
}

function readError(buffer, start, end) {
  try {
    const { fromNative } = require('../errors');
    const { decode } = require('../codec');
    return fromNative(decode(buffer, start, end));
  } catch (unreadable) {
    return unreadable;
  }
}

module.exports = {
  flush,
  leave,
  readError,
  submit,
  submitUnawaited,
  openClient: (settings) => realm.openClient(settings),
  openStore: (client, location) => realm.openStore(client, location),
  stats: (store) => realm.stats(store)
};
