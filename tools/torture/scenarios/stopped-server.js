'use strict';

/**
 * The server answers nothing at all any more, and takes every connection: a machine that hangs. What a proxy in front of
 * the application waits for must end, with an error that says so. And a server that only holds up the commands.
 */

const { setTimeout: pause } = require('timers/promises');
const { MongoClient } = require('mongodb');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { sessionOf } = require('../load/lanes');
const { StoreProcess } = require('../load/process');
const { endsWithin } = require('../until');

/** What is to be read in an error of a server that does not answer. */
const SAYS_SO = /timed? ?out|did not answer/i;
const OPERATIONS = { get: (id) => ['get', id], set: (id, n) => ['set', id, sessionOf(n, 10)], destroy: (id) => ['destroy', id] };
/** Nobody waits for as long: what has not ended when patience has is counted, and its process ended. */
const FOR_EVER_MS = 3_600_000;
const HELD = ['update', 'find', 'delete'];

const mixed = (count, id) => Array.from({ length: count }, (_, n) => OPERATIONS[['set', 'get', 'destroy'][n % 3]](id(n), n));

/** Who calls what. Each is a process of its own, all at the same time, because a first failure teaches a store what to expect. */
const CALLERS = {
  'a single get': { operations: [OPERATIONS.get('a')] },
  'a single set': { operations: [OPERATIONS.set('a', 1)] },
  'sixty on as many sessions': { operations: mixed(60, (n) => `s${n}`) },
  'thirty on one session': { operations: mixed(30, () => 'a') },
  'one a second, ten times': { operations: mixed(10, (n) => `later${n}`), everyMs: 1000 }
};

/** Calls all of them and gives what became of those that ended. */
async function outcomes(store, { operations, everyMs = 0 }, patienceMs) {
  const ended = [];
  const calls = operations.map(async ([method, ...args], n) => {
    await pause(everyMs * n);
    ended.push(await store.call('call', { method, args }, FOR_EVER_MS));
  });
  await endsWithin(Promise.all(calls), patienceMs + everyMs * operations.length);
  return { ended: [...ended], open: operations.length - ended.length };
}

async function stopped(contestant, { selectionMs, graceMs, patienceMs }, checks, progress) {
  const server = await startMongod({ own: true });
  const figures = {};
  const stores = new Map(Object.keys(CALLERS).map((name) => [name, new StoreProcess(contestant)]));
  try {
    for (const store of stores.values()) {
      await store.open({ uri: `${server.uri}/torture`, connectionOptions: selectionMs === null ? {} : { serverSelectionTimeoutMS: selectionMs } });
      await store.call('callAll', { operations: [OPERATIONS.set('a', 0), OPERATIONS.get('a')] });
    }
    const limitMs = (selectionMs ?? 30_000) + graceMs;
    await server.kill('SIGSTOP');
    await Promise.all(Object.entries(CALLERS).map(async ([name, calls]) => {
      const { ended, open } = await outcomes(stores.get(name), calls, patienceMs);
      const slowestMs = ended.length > 0 ? Math.max(...ended.map(({ tookMs }) => tookMs)) : null;
      const silent = ended.find(({ message }) => !SAYS_SO.test(message ?? ''));
      progress(`${name}: the slowest ended after ${slowestMs} ms, ${open} did not; "${ended[0]?.error}"`);
      checks.add(`${name}: ends ${graceMs / 1000} s after serverSelectionTimeoutMS at the latest`, open === 0 && slowestMs <= limitMs,
        `${open > 0 ? `${open} did not end within ${patienceMs / 1000} s; ` : ''}the slowest took ${slowestMs} ms of ${limitMs}`);
      checks.add(`${name}: with an error that says so`, ended.length > 0 && !silent, silent ? silent.error ?? 'no error' : `"${ended[0]?.error ?? 'none ended'}"`);
      figures[name] = { slowestMs, open };
    }));
    return figures;
  } finally {
    await Promise.all([...stores.values()].map((store) => store.stop()));
    await server.stop();
  }
}

/** The server takes the commands and holds them up: six operations on one session, each with its own time. */
async function held(contestant, { timeoutMs, timerMs, patienceMs }, checks, progress) {
  const server = await startMongod({ own: true, args: ['--setParameter', 'enableTestCommands=1'] });
  const witness = await MongoClient.connect(server.uri);
  try {
    return await StoreProcess.with(contestant, undefined, async (store) => {
      await store.open({ uri: `${server.uri}/torture`, connectionOptions: { timeoutMS: timeoutMs, appName: 'held' } });
      await store.call('callAll', { operations: [OPERATIONS.set('a', 0)] });
      // Not taken back: that waits for the commands that are held up, and the server ends anyway.
      const data = { failCommands: HELD, appName: 'held', blockConnection: true, blockTimeMS: 20 * timeoutMs };
      await witness.db('admin').command({ configureFailPoint: 'failCommand', mode: 'alwaysOn', data });
      const operations = mixed(6, () => 'a');
      const { ended, open } = await outcomes(store, { operations, everyMs: timeoutMs / 8 }, patienceMs);
      const times = ended.map(({ tookMs }) => tookMs);
      progress(`held up: six on one session ended after ${times.join(', ')} ms each, ${open} did not`);
      checks.add('six on one session each end after timeoutMS, counted from the call', open === 0 && times.every((ms) => ms <= timeoutMs + timerMs),
        `after ${times.join(', ')} ms, with timeoutMS=${timeoutMs}`);
      return { timeoutMs, slowestMs: times.length > 0 ? Math.max(...times) : null, open };
    });
  } finally {
    await witness.close();
    await server.stop();
  }
}

/**
 * @param {object} context
 * @param {string} context.contestant
 * @param {object} context.options
 * @param {number|null} context.options.selectionMs `serverSelectionTimeoutMS`; null: the default, 30 s
 * @param {number} context.options.graceMs how much later than that an operation may end
 * @param {number} context.options.timeoutMs
 * @param {number} context.options.timerMs how much later than that one may end
 * @param {number} context.options.patienceMs
 * @param {function(string): void} context.progress
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const checks = new Checks();
  const calls = await stopped(contestant, options, checks, progress);
  return { checks: checks.list, figures: { calls, held: await held(contestant, options, checks, progress) } };
}

module.exports = {
  title: 'Stopped server',
  how: 'a server that takes connections and answers nothing (SIGSTOP), with a store without options; one that holds up every command',
  long: { selectionMs: null, graceMs: 1000, timeoutMs: 2000, timerMs: 500, patienceMs: 150_000 },
  // On a busy machine all is later; but six that were counted one after the other would take 12 s.
  short: { selectionMs: 1500, graceMs: 6000, timeoutMs: 2000, timerMs: 5000, patienceMs: 15_000 },
  run
};
