'use strict';

const assert = require('node:assert/strict');
const { FAIL_POINTS, withFailPoint } = require('../support/fail-point');
const { eventually } = require('../support/stores');
const { useConnections } = require('../support/connections');
const { sessionOf, useDeployment } = require('./deployments');

/** How long a command is made to take. */
const SLOW_MS = 2000;
/** What is not late, on a busy machine. */
const IN_TIME_MS = 700;
/** The two slow commands carry so few: they are the first ones. */
const CARRIED = 8;
/** Sessions that are written at once. */
const SHARED = 200;
/** So many of them go out in one command at least while all is well: there are at most 16 commands at a time. */
const LARGE = SHARED / 16;
/** Commands that get stuck one after the other, with none between them that is on time. */
const HELD = 40;

const METHODS = { find: (store, id) => store.get(id), update: (store, id) => store.set(id, sessionOf()), delete: (store, id) => store.destroy(id) };
const ids = (count, prefix) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);
const turn = () => new Promise(setImmediate);

/** Calls one after the other as requests come, and gives how long each took. */
async function arriving(list, run) {
  const took = [];
  const underWay = [];
  for (const one of list) {
    const since = performance.now();
    underWay.push(run(one).then(() => took.push(performance.now() - since)));
    await turn();
  }
  await Promise.all(underWay);
  return took;
}

const late = (took) => took.filter((ms) => ms > IN_TIME_MS).length;

describe('operations on other sessions', function isolation() {
  this.timeout(30_000);

  for (const kind of ['standalone', 'replica set']) {
    describe(`on a ${kind} of which two commands are slow`, () => {
      const deployment = useDeployment(kind, { args: FAIL_POINTS });
      const connections = useConnections();

      for (const [command, run] of Object.entries(METHODS)) {
        it(`do not wait for them: ${command}`, async () => {
          const appName = `slow-${command}`;
          const store = await connections.store(deployment.uri, { appName });
          await Promise.all(ids(300, command).map((id) => store.set(id, sessionOf())));
          const data = { failCommands: [command], appName, blockTimeMS: SLOW_MS };
          const took = await withFailPoint(deployment.witness, data, () => arriving(ids(300, command), (id) => run(store, id)), { times: 2 });
          assert.equal(took.length, 300);
          assert.ok(late(took) <= CARRIED, `${late(took)} of 300 were late`);
        });
      }

      it('do not wait for another kind of operation that is slow', async () => {
        const store = await connections.store(deployment.uri, { appName: 'mixed' });
        await Promise.all(ids(50, 'mixed').map((id) => store.set(id, sessionOf())));
        const data = { failCommands: ['update'], appName: 'mixed', blockTimeMS: SLOW_MS };
        await withFailPoint(deployment.witness, data, async () => {
          const slow = ids(2, 'slow').map((id) => store.set(id, sessionOf()));
          await turn();
          const took = await arriving(ids(50, 'mixed'), (id) => store.get(id));
          assert.equal(late(took), 0);
          await Promise.all(slow);
        }, { times: 2 });
      });
    });
  }

  describe('while commands are overdue', () => {
    const deployment = useDeployment('standalone');
    const connections = useConnections();
    let held;
    /** Holds up the commands that write these sessions. */
    const hold = (prefix) => {
      held = [];
      deployment.proxy.treat = (request) => (request.sids.some((sid) => sid.startsWith(prefix)) ? held.push(request) : undefined);
    };
    const release = () => {
      deployment.proxy.treat = () => undefined;
      for (const request of held.splice(0)) request.deliver();
    };
    afterEach(() => held && release());

    let attempts = 0;
    /** Writes many sessions at once; how many each command of them carried, in the order sent. */
    async function sizes(store) {
      const prefix = `attempt${attempts++}-`;
      await Promise.all(ids(SHARED, prefix).map((id) => store.set(id, sessionOf())));
      return deployment.proxy.writes.filter(({ sids }) => sids[0].startsWith(prefix)).map(({ statements }) => statements.length);
    }

    it('go out in smaller commands, down to one each, and in large ones again when they are on time', async () => {
      const store = await connections.store(deployment.uri, { appName: 'sizes' });
      const before = await sizes(store);
      assert.ok(before[0] >= LARGE, `${before} sessions in a command`);
      hold('held');
      const waiting = [];
      for (const id of ids(HELD, 'held')) {
        waiting.push(store.set(id, sessionOf()));
        await eventually(() => held.length === waiting.length);
      }
      let during;
      await eventually(async () => (during = await sizes(store))[0] === 1);
      assert.ok(during.length > before.length, `${during} sessions in a command, ${before} before`);
      release();
      await Promise.all(waiting);
      await eventually(async () => (await sizes(store))[0] >= LARGE);
    });

    it('use as many connections as the pool may have, and then wait their turn', async () => {
      const store = await connections.store(deployment.uri, { appName: 'small', maxPoolSize: 3 });
      await Promise.all(ids(10, 'warm').map((id) => store.set(id, sessionOf())));
      hold('held');
      const waiting = [];
      for (const id of ids(3, 'held')) {
        waiting.push(store.set(id, sessionOf()));
        await eventually(() => held.length === waiting.length);
      }
      let ended = false;
      const behind = store.set('behind', sessionOf()).then(() => (ended = true));
      for (let n = 0; n < 20; n++) await turn();
      assert.equal(ended, false, 'no fourth connection');
      release();
      await Promise.all([...waiting, behind]);
    });

    it('on the session of an overdue command wait for it: a session\'s operations keep their order', async () => {
      const store = await connections.store(deployment.uri, { appName: 'order' });
      await store.set('order', sessionOf({ n: 0 }));
      hold('order');
      const first = store.set('order', sessionOf({ n: 1 }));
      const second = store.get('order');
      await eventually(() => held.length > 0);
      await Promise.all(ids(20, 'other').map((id) => store.set(id, sessionOf())));
      release();
      await first;
      assert.equal((await second).n, 1);
    });
  });

  describe('while one document is locked by another client\'s transaction', () => {
    const deployment = useDeployment('replica set');
    const connections = useConnections();

    async function whileLocked(id, work) {
      const session = deployment.witness.startSession();
      session.startTransaction();
      await deployment.db.collection('sessions').updateOne({ _id: id }, { $set: { locked: true } }, { session });
      let result;
      try {
        result = await work();
      } finally {
        await session.abortTransaction();
        await session.endSession();
      }
      return result;
    }

    it('do not wait, and the locked session is written when the transaction is over', async () => {
      const store = await connections.store(deployment.uri);
      await Promise.all([...ids(40, 'free'), 'locked'].map((id) => store.set(id, sessionOf({ n: 0 }))));
      let waiting;
      await whileLocked('locked', async () => {
        waiting = store.set('locked', sessionOf({ n: 1 }));
        await turn();
        for (let round = 0; round < 5; round++) {
          const took = await arriving(ids(40, 'free'), (id) => store.set(id, sessionOf({ n: round })));
          assert.equal(late(took), 0, `round ${round}`);
        }
      });
      await waiting;
      assert.equal((await store.get('locked')).n, 1);
    });

    it('wait for it once at most: it does not get into a shared command again', async () => {
      const store = await connections.store(deployment.uri, { appName: 'again' });
      const all = [...ids(60, 'crowd'), 'locked'];
      await Promise.all(all.map((id) => store.set(id, sessionOf({ n: 0 }))));
      const shared = [];
      for (let lock = 1; lock <= 4; lock++) {
        const took = new Map();
        let released = false;
        const writes = await whileLocked('locked', async () => {
          const list = all.map((id) => {
            const since = performance.now();
            return store.set(id, sessionOf({ n: lock })).then(() => took.set(id, { ms: performance.now() - since, released }));
          });
          await eventually(() => took.size >= all.length / 3);
          // Others come and are answered meanwhile, as they are where a crowd of sessions is written at once: that a
          // command takes long while they are quick is how the store knows that it is stuck.
          for (const since = performance.now(); performance.now() - since < IN_TIME_MS;) {
            await store.set('bystander', sessionOf({ n: lock }));
          }
          // A busy machine may answer late; those that share the locked session's command are not answered at all.
          if (lock > 1) await eventually(() => took.size === all.length - 1).catch(() => {});
          released = true;
          return list;
        });
        await Promise.all(writes);
        shared.push([...took].filter(([id, { released: waited }]) => waited && id !== 'locked').length);
      }
      assert.ok(shared.slice(1).every((count) => count === 0), `${shared} other sessions waited with it, by lock`);
    });
  });
});
