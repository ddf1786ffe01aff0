'use strict';

// Not the globals: test frameworks replace those.
const { clearTimeout, setTimeout } = require('timers');
const { MongoAPIError, MongoParseError } = require('../errors');
const { Opcode } = require('./binding');
const { submitUnawaited } = require('./realm');

/** The background thread stops waiting first, and says why. */
const GRACE_MS = 500;
/** For what is asked again: a process that is done waits for it. As `ASKING` of src/pool/hosts.rs. */
const AGAIN_MS = 5000;

/**
 * Answers the background thread's questions about a client's `mongodb+srv` name, until the client is closed. Knows the
 * client by its handle only, so that it can be collected.
 *
 * @param {number} handle
 * @param {number} limitMS for the first answer; 0 is no limit
 * @param {function(AbortSignal, boolean): Promise<object>} resolve asks DNS until the signal aborts; true asks for
 *   the hosts alone, once more
 */
function answerQuestions(handle, limitMS, resolve) {
  let asking = new AbortController();
  const listen = (last) => {
    submitUnawaited(Opcode.NameQuestion, handle, '', NaN, numbered(last), (closed, buffer, start) => {
      // Nobody waits for the answer to an earlier question any more.
      asking.abort();
      if (closed) return;
      asking = new AbortController();
      const question = buffer.readUInt32LE(start);
      const isAgain = buffer[start + 4] === 1;
      answer(question, isAgain, asking);
      listen(question);
    });
  };
  const answer = async (question, isAgain, own) => {
    const { signal } = own;
    const ownLimitMS = isAgain ? AGAIN_MS : limitMS;
    const timer = ownLimitMS > 0 ? setTimeout(() => own.abort(), ownLimitMS + GRACE_MS) : undefined;
    const json = JSON.stringify(await resolve(signal, isAgain).then((records) => ({ records }), (error) => ({ failure: failureOf(error) })));
    clearTimeout(timer);
    if (!signal.aborted) submitUnawaited(Opcode.NameAnswer, handle, '', NaN, numbered(question, json), () => {});
  };
  listen(0);
}

function failureOf(error) {
  const { message, code } = error;
  if (error instanceof MongoAPIError) return { kind: 'api', message };
  if (error instanceof MongoParseError) return { kind: 'parse', message };
  return { kind: 'system', message: String(message ?? error), ...(typeof code === 'string' && { code }) };
}

/** Writes a question's number, and the answer. */
function numbered(question, json = '') {
  return (buffer, start) => {
    const end = start + 4 + Buffer.byteLength(json);
    if (end > buffer.length) return -1;
    buffer.writeUInt32LE(question, start);
    buffer.write(json, start + 4);
    return end;
  };
}

module.exports = { answerQuestions };
