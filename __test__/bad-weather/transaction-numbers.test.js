'use strict';

const assert = require('node:assert/strict');
const { ask } = require('../support/stores');
const { useConnections } = require('../support/connections');
const { sessionOf, useDeployment } = require('./deployments');
const { assertNumbered } = require('./exactly-once');

const METHODS = {
  set: (store, id) => store.set(id, sessionOf({ n: 1 })),
  touch: (store, id) => store.touch(id, sessionOf()),
  destroy: (store, id) => store.destroy(id)
};
const many = (count, prefix) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('numbers of server sessions', function numbers() {
  this.timeout(60_000);
  const connections = useConnections();

  describe('on a replica set', () => {
    const deployment = useDeployment('replica set');

    /** A store that has written, with nothing recorded yet. */
    async function open(options) {
      const store = await connections.store(deployment.uri, options);
      await store.set('there', sessionOf());
      deployment.proxy.honest();
      return store;
    }

    for (const [method, run] of Object.entries(METHODS)) {
      it(`are in every ${method}`, async () => {
        const store = await open();
        await run(store, 'there');
        assert.equal(deployment.proxy.writes.length, 1);
        assertNumbered(deployment.proxy.writes);
        const { lsid, txnNumber } = deployment.proxy.writes[0].command;
        assert.equal(lsid.id.sub_type, 4);
        assert.equal(txnNumber._bsontype, 'Long');
      });
    }

    it('stand for one command each and never fall, also with many commands at once', async () => {
      const store = await open();
      for (let round = 0; round < 5; round++) {
        await Promise.all(many(60, 'many').flatMap((id, n) => [store.set(id, sessionOf({ n })), ...(n % 3 === 0 ? [store.destroy(id)] : [store.touch(id, sessionOf())])]));
      }
      const { writes } = deployment.proxy;
      assert.ok(writes.some(({ statements }) => statements.length > 1), 'commands are shared');
      assert.equal(new Set(writes.map(({ transaction }) => transaction)).size, writes.length);
      assertNumbered(writes);
    });

    it('are the same when a command is sent again, which the server answers from memory', async () => {
      const repeated = async () => Number((await deployment.admin.command({ serverStatus: 1 })).transactions.retriedStatementsCount);
      const store = await open();
      const before = await repeated();
      let left = 3;
      deployment.proxy.treat = (request) => (request.isWrite && left-- > 0 ? request.loseAnswer() ?? true : undefined);
      await store.set('again', sessionOf({ n: 1 }));
      const { writes } = deployment.proxy;
      assert.equal(writes.length, 4);
      assert.equal(new Set(writes.map(({ transaction }) => transaction)).size, 1);
      assertNumbered(writes);
      assert.equal(await repeated() - before, 3);
      assert.equal((await store.get('again')).n, 1);
    });

    it('are the same when the command of several sessions is sent again', async () => {
      const store = await open();
      let broken;
      deployment.proxy.treat = (request) => {
        if (broken || request.statements.length < 2) return undefined;
        broken = request;
        return request.loseAnswer() ?? true;
      };
      await Promise.all(many(40, 'batch').map((id, n) => store.set(id, sessionOf({ n }))));
      assert.ok(broken, 'a command with several sessions was broken');
      const same = deployment.proxy.writes.filter(({ transaction }) => transaction === broken.transaction);
      assert.equal(same.length, 2);
      assert.deepEqual(same[1].sids, broken.sids);
      assertNumbered(deployment.proxy.writes);
    });

    it('are the same when a primary says that it is none any more', async () => {
      const store = await open();
      // The topology as it is known: nothing is to be looked for.
      const { topologyVersion } = await deployment.admin.command({ hello: 1 });
      let told = false;
      deployment.proxy.treat = (request) => {
        if (told || !request.isWrite) return undefined;
        told = true;
        const refusal = { ok: 0, code: 10107, codeName: 'NotWritablePrimary', errmsg: 'not primary', errorLabels: ['RetryableWriteError'], topologyVersion };
        return request.answer(refusal) ?? true;
      };
      await store.set('moved', sessionOf({ n: 2 }));
      const { writes } = deployment.proxy;
      assertNumbered(writes);
      assert.equal(new Set(writes.map(({ transaction }) => transaction)).size, 1);
      assert.ok(writes.length >= 2);
    });

    it('are others when a command is taken apart', async () => {
      const store = await open();
      let refused;
      deployment.proxy.treat = (request) => {
        if (refused || request.statements.length < 4) return undefined;
        refused = request;
        return request.answer({ ok: 0, code: 2, codeName: 'BadValue', errmsg: 'one of these is bad' }) ?? true;
      };
      await Promise.all(many(40, 'apart').map((id, n) => store.set(id, sessionOf({ n }))));
      assert.ok(refused, 'a command with several sessions was refused');
      assertNumbered(deployment.proxy.writes);
      const parts = deployment.proxy.writes.filter((one) => one.at > refused.at && one.sids.some((sid) => refused.sids.includes(sid)));
      assert.deepEqual(parts.flatMap(({ sids }) => sids).sort(), [...refused.sids].sort());
      assert.ok(!parts.some(({ transaction }) => transaction === refused.transaction));
    });

    it('are not of the server sessions that the application\'s own commands use', async () => {
      const store = await open();
      const elsewhere = store.client.db('test').collection('elsewhere');
      for (let round = 0; round < 5; round++) {
        await Promise.all(many(8, 'own').flatMap((id, n) => [
          store.set(id, sessionOf({ n })), elsewhere.updateOne({ _id: id }, { $set: { n } }, { upsert: true })
        ]));
      }
      const sessionsOf = (collection) => new Set(deployment.proxy.seen.filter(({ name, command }) => command[name] === collection && command.lsid)
        .map(({ command }) => command.lsid.id.toString('hex')));
      const [ours, own] = [sessionsOf('sessions'), sessionsOf('elsewhere')];
      assert.ok(ours.size > 0 && own.size > 0);
      assert.deepEqual([...ours].filter((id) => own.has(id)), []);
    });

    it('go on where another client of the deployment begins: each has its own', async () => {
      const stores = [await open(), await open({ appName: 'another' })];
      deployment.proxy.honest();
      await Promise.all(stores.flatMap((store, s) => many(20, `s${s}-`).map((id) => store.set(id, sessionOf()))));
      assertNumbered(deployment.proxy.writes);
    });

    for (const form of ['option', 'URI']) {
      it(`are not sent with retryWrites: false, by ${form}`, async () => {
        const store = form === 'option'
          ? await connections.store(deployment.uri, { retryWrites: false })
          : await connections.store(`${deployment.uri}&retrywrites=false`);
        deployment.proxy.honest();
        for (const run of Object.values(METHODS)) await run(store, 'plain');
        assert.equal(deployment.proxy.writes.length, 3);
        assert.deepEqual(deployment.proxy.writes.map(({ command }) => command.txnNumber), [undefined, undefined, undefined]);
      });
    }

    it('are not in reads', async () => {
      const store = await open();
      await ask(store, 'get', 'there');
      const [find] = deployment.proxy.seen.filter(({ name }) => name === 'find');
      assert.equal(find.command.txnNumber, undefined);
    });
  });

  describe('on a standalone server', () => {
    const deployment = useDeployment('standalone');

    it('are not sent, since it refuses them', async () => {
      const store = await connections.store(deployment.uri);
      deployment.proxy.honest();
      for (const run of Object.values(METHODS)) await run(store, 'plain');
      assert.deepEqual(deployment.proxy.writes.map(({ name, command }) => [name, command.txnNumber]),
        [['update', undefined], ['update', undefined], ['delete', undefined]]);
    });

    it('are not needed for a write whose connection broke: it is repeated all the same', async () => {
      const store = await connections.store(deployment.uri);
      let broken = false;
      deployment.proxy.treat = (request) => {
        if (broken || !request.isWrite) return undefined;
        broken = true;
        return request.loseAnswer() ?? true;
      };
      await store.set('repeated', sessionOf({ n: 3 }));
      assert.equal((await store.get('repeated')).n, 3);
    });
  });
});
