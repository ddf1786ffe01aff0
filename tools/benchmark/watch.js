'use strict';

/**
 * What the option `watch` costs: `node tools/benchmark/watch.js [--save]`. One process saves sessions at an even rate; another
 * one has a store that watches, or, for comparison in the same run, one that does not. Shown are medians of the CPU time
 * of MongoDB and of that other process, and how late the last change arrives there.
 */

const assert = require('node:assert/strict');
const { fork } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const path = require('path');
const { setTimeout: pause } = require('timers/promises');
const expressSession = require('express-session');
const connectMongoDBSession = require('../..');
const { Server } = require('./server');
const { median } = require('./summary');

const RESULT = path.join(__dirname, 'results', 'watch.json');
const PER_SECOND = 1000;
const SECONDS = 5;
const ROUNDS = 5;
/** How often some saves begin, in ms. */
const TICK_MS = 10;
const COLLECTION = 'watched';

function openStore(uri, watch) {
  const MongoDBStore = connectMongoDBSession(expressSession);
  return new MongoDBStore({ uri, databaseName: 'watch_benchmark', collection: COLLECTION, watch });
}

/** The other process: counts the changes that it hears of, and says what it has spent. */
async function listen({ uri, watch }) {
  const store = openStore(uri, watch);
  let told = 0;
  for (const event of ['create', 'update']) store.on(event, () => told++);
  await store.initialConnectionPromise;
  const answer = () => {
    const { user, system } = process.cpuUsage();
    process.send({ told, cpuMs: (user + system) / 1000 });
  };
  process.on('message', async (message) => {
    if (message === 'report') return answer();
    await store.close();
    process.disconnect();
  });
  answer();
}

async function ask(child) {
  child.send('report');
  const [report] = await once(child, 'message');
  return report;
}

/** Saves at an even rate, for so many seconds. */
async function save(store, round, seconds) {
  const session = { cookie: { path: '/' }, text: 'x'.repeat(200) };
  const saves = [];
  const total = PER_SECOND * seconds;
  for (const started = Date.now(); saves.length < total; await pause(TICK_MS)) {
    const due = Math.min(total, Math.ceil((Date.now() - started) * PER_SECOND / 1000));
    while (saves.length < due) saves.push(store.set(`s${saves.length % 500}`, { ...session, n: round * total + saves.length }));
  }
  await Promise.all(saves);
  return total;
}

/**
 * @param {Server} server
 * @param {object} store that saves
 * @param {boolean} watch whether the other process's store watches
 * @param {number} round no other has
 * @param {number} [seconds]
 * @returns {Promise<{serverMsPerSecond: number, processMsPerSecond: number, lateMs: number}>}
 */
async function measure(server, store, watch, round, seconds = SECONDS) {
  const child = fork(__filename, [], { env: { ...process.env, WATCH_BENCHMARK: JSON.stringify({ uri: server.uri, watch }) } });
  try {
    const [before] = await once(child, 'message');
    const serverBefore = await server.cpuMs();
    const saved = await save(store, round, seconds);
    const savedAt = Date.now();
    let after = await ask(child);
    while (watch && after.told - before.told < saved) after = await ask(child);
    const lateMs = Date.now() - savedAt;
    const serverMs = await server.cpuMs() - serverBefore;
    // A stream begins with the moment in which its store connected: the last save before may be of that moment too.
    const told = after.told - before.told;
    assert.ok(watch ? told >= saved && told <= saved + 1 : told === 0, `${told} of ${saved} saves were told`);
    return { serverMsPerSecond: serverMs / seconds, processMsPerSecond: (after.cpuMs - before.cpuMs) / seconds, lateMs };
  } finally {
    child.send('end');
    await once(child, 'exit');
  }
}

/** @returns {object} medians of the rounds of one kind */
function medians(rounds) {
  return Object.fromEntries(Object.keys(rounds[0]).map((key) => [key, median(rounds.map((round) => round[key]))]));
}

async function main(keep) {
  const server = await Server.start({ members: 1 });
  const store = openStore(server.uri, false);
  try {
    await store.initialConnectionPromise;
    const rounds = { without: [], watching: [] };
    for (let round = 0; round < ROUNDS; round++) {
      rounds.without.push(await measure(server, store, false, 2 * round));
      rounds.watching.push(await measure(server, store, true, 2 * round + 1));
    }
    const result = {
      takenAt: new Date().toISOString(), perSecond: PER_SECOND, rounds: ROUNDS, seconds: SECONDS, version: server.version,
      without: medians(rounds.without), watching: medians(rounds.watching)
    };
    console.log(JSON.stringify(result, null, 1));
    if (keep) fs.writeFileSync(RESULT, `${JSON.stringify(result, null, 1)}\n`);
  } finally {
    await store.close();
    await server.stop();
  }
}

if (process.env.WATCH_BENCHMARK !== undefined) listen(JSON.parse(process.env.WATCH_BENCHMARK));
else if (require.main === module) main(process.argv.includes('--save'));

module.exports = { measure, openStore };
