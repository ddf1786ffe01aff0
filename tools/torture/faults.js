'use strict';

/** What can happen to a replica set's primary. Each fault gives a function that undoes it. */

const { MongoClient } = require('mongodb');
const { until } = require('./until');

const HEALTHY_MS = 90_000;

async function direct(member, work) {
  const client = new MongoClient(member.uri, { directConnection: true, serverSelectionTimeoutMS: 5000 });
  try {
    return await work(client.db('admin'));
  } finally {
    await client.close();
  }
}

const FAULTS = {
  killed: async (primary) => {
    await primary.kill('SIGKILL');
    return () => primary.restart();
  },
  'stepped down': async (primary) => {
    // The connection may end before the answer is there.
    await direct(primary, (admin) => admin.command({ replSetStepDown: 10, force: true })).catch(() => {});
    return async () => {};
  },
  paused: async (primary) => {
    await primary.kill('SIGSTOP');
    return () => primary.kill('SIGCONT');
  }
};

/** Waits until one member is primary and all others follow it. */
async function healthy(set) {
  const good = await until(async () => {
    const primary = await set.primary();
    const { members } = await direct(primary, (admin) => admin.command({ replSetGetStatus: 1 }));
    return members.every(({ stateStr }) => stateStr === 'PRIMARY' || stateStr === 'SECONDARY');
  }, HEALTHY_MS);
  if (!good) throw new Error(`the replica set was not whole again after ${HEALTHY_MS} ms`);
}

module.exports = { FAULTS, direct, healthy };
