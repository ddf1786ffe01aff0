'use strict';

/* global beforeAll, expect, jest */

const RESETS = 12;

describe('module resets', () => {
  let uri;

  beforeAll(() => {
    uri = process.env.TEST_URI;
  });

  beforeEach(() => jest.resetModules());

  const load = () => require('connect-mongodb-session')(require('express-session'));
  const open = () => new (load())({ uri, collection: 'resets' });

  test('give a new factory each', () => {
    const before = require('connect-mongodb-session');
    jest.resetModules();
    expect(require('connect-mongodb-session')).not.toBe(before);
  });

  for (let n = 0; n < RESETS; n++) {
    test(`a store after ${n} resets reads what it wrote`, async () => {
      const store = open();
      await store.set(`sid${n}`, { cookie: {}, n });
      expect(await store.get(`sid${n}`)).toEqual({ cookie: {}, n });
      // Every other one is left open, as tests do.
      if (n % 2) await (await store.initialConnectionPromise).close();
    });
  }

  test('stores of before and after one work side by side', async () => {
    const before = open();
    jest.resetModules();
    const after = open();
    await Promise.all([before.set('old', { cookie: {}, at: 'before' }), after.set('new', { cookie: {}, at: 'after' })]);
    const [fromAfter, fromBefore] = await Promise.all([after.get('old'), before.get('new')]);
    expect([fromAfter.at, fromBefore.at]).toEqual(['before', 'after']);
    await (await before.initialConnectionPromise).close();
    expect((await after.get('old')).at).toBe('before');
  });

  test('stores of before and after share their connections', async () => {
    const appName = `resets${process.pid}${Date.now()}`;
    const stores = [];
    for (let n = 0; n < 4; n++) {
      jest.resetModules();
      stores.push(new (load())({ uri: `${uri}?appName=${appName}&maxPoolSize=1`, collection: 'resets' }));
      await stores[n].set(`shared${n}`, { cookie: {} });
    }
    const admin = stores[0].client.db('admin');
    const all = { $currentOp: { allUsers: true, idleConnections: true } };
    // As a command: `db.aggregate` would be forwarded, over connections of its own.
    const connections = async () => {
      const { cursor } = await admin.command({ aggregate: 1, pipeline: [all, { $match: { appName } }], cursor: {} });
      return new Set(cursor.firstBatch.map(({ client }) => client)).size;
    };
    // The pool's one, and two on which the driver watches the server. On a slow machine another one may look after a slow command.
    for (const deadline = Date.now() + 20_000; await connections() > 3 && Date.now() < deadline;);
    expect(await connections()).toBeLessThanOrEqual(3);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('jest.isolateModules loads it too', async () => {
    let store;
    jest.isolateModules(() => { store = open(); });
    await store.set('isolated', { cookie: {} });
    expect(await store.get('isolated')).toEqual({ cookie: {} });
  });

  test('fake timers that leave nextTick alone do not stop a store', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    try {
      const store = open();
      await store.set('timers', { cookie: {} });
      expect(await store.get('timers')).toEqual({ cookie: {} });
    } finally {
      jest.useRealTimers();
    }
  });
});
