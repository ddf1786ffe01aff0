'use strict';

/**
 * One session's document is locked by an open transaction of another client, again and again: whoever writes it waits
 * for the end of the transaction, inside the server. Who else does?
 */

const { setTimeout: pause } = require('timers/promises');
const { MongoClient } = require('mongodb');
const { startMongod } = require('../../mongod');
const { Checks } = require('../checks');
const { LATE_MS } = require('../load/arrivals');
const { StoreProcess } = require('../load/process');
const { until } = require('../until');

const LANES = 64;
const LOCKED = 'lane0-0';
const PAUSE_MS = 5;
const BETWEEN_MS = 1000;
const END_MS = 30_000;

/** Hears of writes, and keeps those that took long. */
class LateWrites {
  /** @param {number} lateMs */
  constructor(lateMs) {
    this.lateMs = lateMs;
    this.list = [];
    this.ended = 0;
    this.failed = 0;
  }

  record(writes) {
    for (const { sid, ok, startedAt, endedAt } of writes) {
      this.ended++;
      if (!ok) this.failed++;
      if (endedAt - startedAt > this.lateMs) this.list.push({ sid, startedAt, endedAt });
    }
  }

  /** @returns {Set<string>} sessions other than the locked one of which a write that began within this time was late */
  othersBetween(from, to) {
    return new Set(this.list.filter(({ sid, startedAt }) => sid !== LOCKED && startedAt >= from - this.lateMs && startedAt <= to).map(({ sid }) => sid));
  }
}

/** Holds a lock on the session's document for a while. */
async function lock(client, forMs) {
  const session = client.startSession();
  try {
    session.startTransaction();
    // Another write of the same document may be under way.
    const locked = await until(async () => {
      try {
        await client.db('torture').collection('sessions').updateOne({ _id: LOCKED }, { $set: { locked: Date.now() } }, { session });
        return true;
      } catch (error) {
        await session.abortTransaction().catch(() => {});
        session.startTransaction();
        throw error;
      }
    }, END_MS);
    if (!locked) throw new Error('the document could not be locked');
    const from = Date.now();
    await pause(forMs);
    await session.abortTransaction();
    return { from, to: Date.now() };
  } finally {
    await session.endSession();
  }
}

/**
 * @param {{contestant: string, options: {locks: number, lockMs: number, lateMs?: number, pauseMs?: number}, progress: function(string): void}} context
 * @returns {Promise<{checks: object[], figures: object}>}
 */
async function run({ contestant, options, progress }) {
  const checks = new Checks();
  const server = await startMongod({ replicaSet: true, members: 1 });
  const witness = await MongoClient.connect(server.uri);
  const late = new LateWrites(options.lateMs ?? LATE_MS);
  try {
    return await StoreProcess.with(contestant, late, async (store) => {
      await store.open({ uri: server.uri, databaseName: 'torture' });
      await store.call('start', { lanes: LANES, sessions: 1, pauseMs: options.pauseMs ?? PAUSE_MS });
      await until(() => late.ended >= 20 * LANES, END_MS);
      const others = [];
      for (let n = 0; n < options.locks; n++) {
        const { from, to } = await lock(witness, options.lockMs);
        // Those that waited for the lock are answered now.
        await pause(BETWEEN_MS);
        others.push(late.othersBetween(from, to).size);
        progress(`lock ${n + 1}: ${others.at(-1)} other sessions were late`);
      }
      const calls = await store.call('stop', { withinMs: END_MS });
      const waited = late.list.filter(({ sid }) => sid === LOCKED).length;
      const shared = others.filter((count) => count > 0);
      checks.add('the session that is locked waits, and succeeds', waited > 0 && calls.failed === 0, `${waited} of its writes waited, ${calls.failed} failed`);
      checks.add('at most those that share its command wait with it', Math.max(...others) < LANES - 1,
        `${others.join(', ')} of ${LANES - 1} other sessions were late, by lock`);
      checks.add('once is enough: locked again, it waits alone', shared.length <= 1, `others waited with it in ${shared.length} of ${others.length} locks`);
      checks.add('every operation ends, once', calls.open === 0 && calls.repeated === 0, `${calls.open} of ${calls.issued} did not end`);
      return { checks: checks.list, figures: { others, sessions: LANES - 1, waited, operations: calls.issued, failed: calls.failed, reasons: calls.reasons } };
    });
  } finally {
    await witness.close();
    await server.stop();
  }
}

module.exports = {
  title: 'Locked document',
  how: 'a replica set; 64 sessions are read and written, one of them is locked by another client\'s transaction, several times',
  long: { locks: 4, lockMs: 5000 },
  // A busy machine makes nobody wait for 3 s who does not wait for the lock.
  short: { locks: 2, lockMs: 4500, lateMs: 3000, pauseMs: 20 },
  run
};
