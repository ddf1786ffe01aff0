'use strict';

/** Answers the background thread when a login needs what only JavaScript has: a token of OpenID Connect, a signature of AWS. */

const codec = require('../codec');
const { call, documents, nothing } = require('./call');
const { Opcode } = require('./binding');
const { submitUnawaited } = require('./realm');

/**
 * Begins to answer, and goes on until the client is closed, or nobody has it any more.
 *
 * @param {NativeClient} client that was opened
 * @param {LoginSource} source (`lib/connection/login-source.js`)
 */
function answerQuestions(client, source) {
  waitForNext(new WeakRef(client), client.opened, source);
}

/** What waits is kept by the background thread, and must not keep a client that was dropped. */
function waitForNext(held, handle, source) {
  submitUnawaited(Opcode.NextLoginQuestion, handle, '', NaN, null, (error, buffer, start, end) => {
    if (error || held.deref()?.opened !== handle) return;
    const question = codec.decode(buffer, start, end);
    waitForNext(held, handle, source);
    answerOne(handle, question, source);
  });
}

async function answerOne(handle, { id, timeoutMS, ...question }, source) {
  const answer = await source.answer(question, AbortSignal.timeout(timeoutMS));
  // Closed meanwhile: nobody waits for it.
  await call(Opcode.AnswerLogin, handle, '', documents(codec, { id, answer }), nothing).catch(() => {});
}

module.exports = { answerQuestions };
