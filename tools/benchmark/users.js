'use strict';

/**
 * How long it takes to find and to end the sessions of one user among many: `node tools/benchmark/users.js [sessions] [--save]`, a
 * million by default, which takes a minute to store. Shown are medians of the rounds, and what the server says of its plan.
 */

const assert = require('node:assert/strict');
const fs = require('fs');
const path = require('path');
const expressSession = require('express-session');
const { MongoClient } = require('mongodb');
const connectMongoDBSession = require('../..');
const { startMongod } = require('../mongod');
const { median } = require('./summary');

const RESULT = path.join(__dirname, 'results', 'users.json');
const SESSIONS = 1_000_000;
/** Sessions of each user. */
const PER_USER = 20;
const ROUNDS = 21;
const CHUNK = 10_000;
const DAY_MS = 86_400_000;

const SECRET = Buffer.alloc(32, 7);
const VARIANTS = { plain: {}, 'with crypto and hashIds': { crypto: { secret: SECRET }, hashIds: true } };

/**
 * @param {string} uri of a database
 * @param {object} variant options of the store
 * @param {{sessions: number, rounds: number}} size
 * @returns {Promise<{sessionsOf: number, destroyUser: number, stage: string}>} milliseconds, and the plan that finds a user's
 */
async function measure(uri, variant, { sessions, rounds }) {
  const MongoDBStore = connectMongoDBSession(expressSession);
  const store = new MongoDBStore({ uri, collection: 'users_benchmark', user: (session) => session.user, ...variant });
  await store.initialConnectionPromise;
  const client = await MongoClient.connect(uri);
  try {
    const rows = client.db(store.db.databaseName).collection('users_benchmark');
    await fill(rows, sessions);
    const times = { sessionsOf: [], destroyUser: [] };
    for (let round = 0; round < rounds; round++) {
      const user = `measured ${round}`;
      const ids = Array.from({ length: PER_USER }, (_, n) => `${user} ${n}`);
      await Promise.all(ids.map((id) => store.set(id, { cookie: { path: '/' }, user })));
      times.sessionsOf.push(await timed(() => store.sessionsOf(user), (found) => assert.equal(found.length, PER_USER)));
      times.destroyUser.push(await timed(() => store.destroyUser(user, { except: ids[0] }), (ended) => assert.equal(ended, PER_USER - 1)));
    }
    const [{ user }] = await rows.find({ user: { $exists: true } }).sort({ $natural: -1 }).limit(1).toArray();
    const { queryPlanner } = await rows.find({ user: { $in: [user] } }).explain();
    const { inputStage } = queryPlanner.winningPlan;
    await rows.drop();
    return { sessionsOf: median(times.sessionsOf), destroyUser: median(times.destroyUser), stage: `${inputStage.stage} ${inputStage.indexName}` };
  } finally {
    await client.close();
    await store.close();
  }
}

/** Others' sessions: what they hold is of no matter, for nobody reads them. */
async function fill(rows, sessions) {
  const expires = new Date(Date.now() + DAY_MS);
  const session = { cookie: { path: '/' }, text: 'x'.repeat(200) };
  for (let start = 0; start < sessions; start += CHUNK) {
    const count = Math.min(CHUNK, sessions - start);
    const chunk = Array.from({ length: count }, (_, n) => {
      return { _id: `s${start + n}`, session, expires, user: `u${Math.floor((start + n) / PER_USER)}` };
    });
    await rows.insertMany(chunk, { ordered: false });
  }
}

async function timed(work, check) {
  const started = process.hrtime.bigint();
  const result = await work();
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  check(result);
  return ms;
}

async function main(words) {
  const sessions = Number(words.find((word) => /^\d+$/.test(word)) ?? SESSIONS);
  const mongod = await startMongod();
  const variants = {};
  try {
    for (const [name, variant] of Object.entries(VARIANTS)) {
      variants[name] = await measure(mongod.uri, variant, { sessions, rounds: ROUNDS });
      const { sessionsOf, destroyUser, stage } = variants[name];
      console.log(
        `${name}, ${sessions} sessions, ${PER_USER} of the user: sessionsOf ${sessionsOf.toFixed(2)} ms, ` +
          `destroyUser ${destroyUser.toFixed(2)} ms (${stage})`
      );
    }
  } finally {
    await mongod.stop();
  }
  const result = { takenAt: new Date().toISOString(), sessions, perUser: PER_USER, rounds: ROUNDS, variants };
  if (words.includes('--save')) fs.writeFileSync(RESULT, `${JSON.stringify(result, null, 1)}\n`);
}

if (require.main === module) main(process.argv.slice(2));

module.exports = { VARIANTS, measure };
