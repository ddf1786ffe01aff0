'use strict';

const assert = require('node:assert/strict');
const { FAIL_POINTS, withFailPoint } = require('../support/fail-point');
const { eventually } = require('../support/stores');
const { useConnections } = require('../support/connections');
const { sessionOf, useDeployment } = require('./deployments');

/** How long a command is made to take. */
const SLOW_MS = 4000;
/** What is late has waited for a slow command, and not only for its turn on a busy machine. */
const IN_TIME_MS = 3000;
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

/** How long others are answered while a command is stuck, and how many at least, until the store knows that it is. */
const KNOWN_MS = 700;
const KNOWN_BY = 30;

describe('operations on other sessions', function isolation() {
  this.timeout(90_000);

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
          const { count } = await deployment.admin.command({ configureFailPoint: 'failCommand', mode: 'off' });
          await withFailPoint(deployment.witness, data, async () => {
            const slow = [];
            // One after the other, so that each has a command of its own.
            for (const id of ids(2, 'slow')) {
              slow.push(run(store, id));
              await deployment.admin.command({ waitForFailPoint: 'failCommand', timesEntered: count + slow.length, maxTimeMS: 15_000 });
            }
            const took = await arriving(ids(300, command), (id) => run(store, id));
            assert.equal(took.length, 300);
            assert.equal(late(took), 0, `${late(took)} of 300 were late`);
            await Promise.all(slow);
          }, { times: 2 });
        });
      }

      it('do not wait for another kind of operation that is slow', async () => {
        const store = await connections.store(deployment.uri, { appName: 'mixed' });
        await Promise.all(ids(50, 'mixed').map((id) => store.set(id, sessionOf())));
        const data = { failCommands: ['update'], appName: 'mixed', blockTimeMS: SLOW_MS };
        await withFailPoint(deployment.witness, data, async () => {
          const slow = ids(2, 'slow').map((id) => store.set(id, sessionOf()));
          await eventually(() => deployment.proxy.writes.some(({ sids }) => sids.includes('slow1')));
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
    /** How many sessions are held up: what gets no answer for long is sent again, and held up again. */
    const heldUp = () => new Set(held.flatMap(({ sids }) => sids)).size;

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
        await eventually(() => heldUp() === waiting.length);
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
        await eventually(() => heldUp() === waiting.length);
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
        deployment.proxy.seen = [];
        waiting = store.set('locked', sessionOf({ n: 1 }));
        // On its way alone, so that nobody shares its command.
        await eventually(() => deployment.proxy.writes.some(({ sids }) => sids.includes('locked')));
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
          const since = performance.now();
          for (let answered = 0; performance.now() - since < KNOWN_MS || answered < KNOWN_BY; answered++) {
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
