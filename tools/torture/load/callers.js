'use strict';

/** Callers that do one thing at a time each, with a pause after it: four reads for every write. */

const { setTimeout: pause } = require('timers/promises');
const { random } = require('../../benchmark/random');
const { Calls } = require('./calls');
const { sessionOf } = require('./lanes');
const { Times } = require('./times');

const READS_PER_WRITE = 4;

/**
 * @param {object} store
 * @param {object} options
 * @param {number} options.callers
 * @param {number} options.apartMs a caller's pause, on average; 0 for none
 * @param {number} options.forMs
 * @param {number} options.sessions used in turn: `k0`, `k1` …
 * @param {number} [options.bytes] of each session's text
 * @returns {Promise<object>} `perSecond`, `failed`, times in ms
 */
async function callAgainAndAgain(store, { callers, apartMs, forMs, sessions, bytes = 200 }) {
  const draw = random(2);
  const calls = new Calls();
  const times = new Times();
  const begin = performance.now();
  let turn = 0;
  await Promise.all(Array.from({ length: callers }, async () => {
    await pause(draw() * apartMs);
    while (performance.now() - begin < forMs) {
      const n = turn++;
      const since = performance.now();
      const write = n % (READS_PER_WRITE + 1) === 0;
      const { error } = await calls.call(store, write ? 'set' : 'get', `k${n % sessions}`, ...(write ? [sessionOf(n, bytes)] : []));
      if (!error) times.add(performance.now() - since);
      if (apartMs > 0) await pause(apartMs * (0.5 + draw()));
    }
  }));
  const seconds = (performance.now() - begin) / 1000;
  const { ended, ...took } = times.figures;
  return { perSecond: ended / seconds, failed: calls.failed, repeated: calls.repeated, ...took, reasons: calls.figures.reasons };
}

module.exports = { callAgainAndAgain };
