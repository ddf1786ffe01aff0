'use strict';

const assert = require('node:assert/strict');
const { MongoClient } = require('mongodb');
const { FAIL_POINTS } = require('../support/fail-point');
const { cannotPause, whilePaused } = require('../support/pause');
const { call, eventually } = require('../support/stores');
const { useConnections, useServer } = require('../support/connections');
const { sessionOf } = require('./deployments');

/**
 * After the election: 1 s is what is promised, which `npm run torture` measures. A busy machine may take longer; a client that
 * does nothing about it waits for ten seconds, until it looks at its servers again, or for its connections to time out.
 */
const AFTER_MS = 5000;
const CALLERS = 12;

describe('a store without options, when the primary of three', function failover() {
  this.timeout(180_000);
  const set = useServer({ replicaSet: true, members: 3, args: FAIL_POINTS });
  const connections = useConnections();

  const ask = async (member, work) => {
    const client = new MongoClient(member.uri, { directConnection: true, serverSelectionTimeoutMS: 10_000 });
    try {
      return await work(client.db('admin'));
    } finally {
      await client.close();
    }
  };
  /**
   * Waits until another member is primary and acknowledges writes; when that was. A write waits for the majority by
   * default, and the third member may take ten seconds to notice that the one it copied from is gone: until then the
   * new primary acknowledges nobody's writes, whatever store they come from.
   */
  const elected = async (before) => {
    const others = set.members.filter((member) => member !== before);
    let primary;
    await eventually(async () => {
      for (const member of others) {
        if ((await ask(member, (admin) => admin.command({ hello: 1 }))).isWritablePrimary) primary = member;
      }
      return primary;
    }, 60_000);
    await ask(primary, (admin) => admin.client.db('test').collection('yardstick').updateOne(
      { _id: 1 }, { $set: { at: new Date() } }, { upsert: true, writeConcern: { w: 'majority' } }
    ));
    return performance.now();
  };
  /** Waits until every member says so: one that was away may take itself for the primary yet. */
  const healthy = () => eventually(async () => {
    const told = await Promise.all(set.members.map((member) => ask(member, (admin) => admin.command({ replSetGetStatus: 1 })).catch(() => null)));
    const states = told.map((status) => status?.members.map(({ stateStr }) => stateStr).join());
    return new Set(states).size === 1 && states[0]?.split(',').sort().join() === 'PRIMARY,SECONDARY,SECONDARY';
  }, 60_000);

  /** Callers that read and write while `strike` happens: when each was first served by the new primary, and all errors. */
  async function underLoad(strike) {
    const store = await connections.store(set.uri);
    const errors = [];
    let running = true;
    /** By caller: when the last operation that succeeded was called. */
    const served = new Map();
    const callers = Array.from({ length: CALLERS }, async (_, caller) => {
      for (let n = 0; running; n++) {
        const since = performance.now();
        const { error } = await (n % 2 ? call(store, 'get', `c${caller}`) : call(store, 'set', `c${caller}`, sessionOf({ n })));
        if (error) errors.push(error.message);
        else served.set(caller, since);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    await eventually(() => served.size === CALLERS);
    try {
      const electedAt = await strike();
      await eventually(() => [...served.values()].every((since) => since > electedAt), 60_000);
      return { afterMs: performance.now() - electedAt, errors };
    } finally {
      running = false;
      // Those that still wait are not waited for: the store is closed.
      await Promise.race([Promise.all(callers), new Promise((resolve) => setTimeout(resolve, 3000))]);
    }
  }

  function assertUnseen({ afterMs, errors }) {
    assert.deepEqual(errors, []);
    assert.ok(afterMs <= AFTER_MS, `everybody was served ${Math.round(afterMs)} ms after the election`);
  }

  it('is paused, goes on with the next one at once', async function paused() {
    if (cannotPause) this.skip();
    const primary = await set.primary();
    let outcome;
    await whilePaused(primary, async () => {
      outcome = await underLoadPaused(primary);
    });
    await healthy();
    assertUnseen(outcome);

    /** The load begins before the pause, which ends with it. */
    async function underLoadPaused(member) {
      await member.kill('SIGCONT');
      return underLoad(async () => {
        await member.kill('SIGSTOP');
        return elected(member);
      });
    }
  });

  it('steps down, goes on with the next one at once', async () => {
    const primary = await set.primary();
    const outcome = await underLoad(async () => {
      await ask(primary, (admin) => admin.command({ replSetStepDown: 10, force: true })).catch(() => {});
      return elected(primary);
    });
    await healthy();
    assertUnseen(outcome);
  });

  it('is killed, goes on with the next one at once', async () => {
    const primary = await set.primary();
    const outcome = await underLoad(async () => {
      await primary.kill('SIGKILL');
      return elected(primary);
    });
    await primary.restart();
    await healthy();
    assertUnseen(outcome);
  });
});
