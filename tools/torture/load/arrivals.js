'use strict';

/**
 * Operations that arrive by themselves, as requests of visitors do: none waits for those before it. So a store
 * that makes everybody wait for one command cannot hide it by being asked less.
 */

const { setTimeout: pause } = require('timers/promises');
const { random } = require('../../benchmark/random');
const { Calls } = require('./calls');
const { sessionOf } = require('./lanes');
const { LATE_MS, Times } = require('./times');

/** Coprime to any number of sessions that is used: each session's turn comes once in a round. */
const STRIDE = 7;

/**
 * @param {object} store
 * @param {object} options
 * @param {'get'|'set'|'destroy'} options.method
 * @param {number} options.perSecond on average; the gaps are random, the same for every store
 * @param {number} options.forMs how long they arrive; all of them are then waited for
 * @param {number} options.sessions of which each is used in turn: `k0`, `k1` …
 * @param {number} [options.bytes] of each session's text
 * @param {number} [options.lateMs] default {@link LATE_MS}
 * @returns {Promise<object>} `arrived`, `inTime` (succeeded within `lateMs`), `late` (all others), `failed`, times in ms
 */
async function arrive(store, { method, perSecond, forMs, sessions, bytes = 200, lateMs = LATE_MS }) {
  const draw = random(1);
  const calls = new Calls();
  const times = new Times(lateMs);
  const underWay = [];
  const begin = performance.now();
  const call = async (n) => {
    const id = `k${(n * STRIDE) % sessions}`;
    const since = performance.now();
    const { error } = await calls.call(store, method, id, ...(method === 'set' ? [sessionOf(n, bytes)] : []));
    if (!error) times.add(performance.now() - since);
  };
  for (let due = 0; due < forMs; await pause(1)) {
    for (; due < Math.min(performance.now() - begin, forMs); due += (-Math.log(1 - draw()) * 1000) / perSecond) underWay.push(call(underWay.length));
  }
  await Promise.all(underWay);
  const { ended, late, ...took } = times.figures;
  const inTime = ended - late;
  return { arrived: calls.issued, inTime, late: calls.issued - inTime, failed: calls.failed, repeated: calls.repeated, ...took, reasons: calls.figures.reasons };
}

module.exports = { LATE_MS, arrive };
