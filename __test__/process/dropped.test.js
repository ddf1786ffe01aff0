'use strict';

/** Stores that are opened again and again and never closed: hot reload, a factory that is called per request. */

const assert = require('node:assert/strict');
const { runScript } = require('../support/child');
const { useStores } = require('../support/stores');

const STORES = 60;
/** One may still be on the stack, or in a register. */
const LEFT = 2;

/** Opens stores, uses and drops them, and waits until they are collected. */
const DROP = `
  const { channel } = require('node:diagnostics_channel');
  const { AsyncLocalStorage } = require('node:async_hooks');
  const { MongoClient } = require('mongodb');
  const Store = require('.')(require('express-session'));
  const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
  let left = 0;
  const registry = new FinalizationRegistry(() => left--);
  if (WATCHED) channel('connect-mongodb-session:command').subscribe(() => {});

  async function openAndDrop(n) {
    const connectionOptions = POOLS ? { appName: 'pool ' + n } : undefined;
    await new Promise((resolve) => {
      const store = new Store({ ...OPTIONS, connectionOptions }, resolve);
      left++;
      registry.register(store);
      store.on('error', () => {});
      store.on('disconnected', () => store.mine);
      if (USED) store.set('sid', { cookie: {} }, () => {});
    });
  }

  (async () => {
    const witness = await new MongoClient(WITNESS).connect();
    const connections = async () => (await witness.db('admin').command({ serverStatus: 1 })).connections.current;
    const before = await connections();
    for (let n = 0; n < ${STORES}; n++) {
      if (LOCAL) await new AsyncLocalStorage().run({ n }, openAndDrop);
      else await openAndDrop(n);
      await turn();
    }
    const until = Date.now() + 60_000;
    let more;
    do {
      gc();
      await turn();
      more = await connections() - before;
    } while ((left > ${LEFT} || (POOLS && more > ${LEFT})) && Date.now() < until);
    process.stdout.write(JSON.stringify({ left, more }));
    await witness.close();
    process.exit(0);
  })();`;

describe('stores that are dropped without being closed', function dropped() {
  this.timeout(120_000);
  this.slow(10_000);
  const stores = useStores();

  /** What is left when all have been dropped. */
  async function drop(options = {}, { watched = false, used = true, local = false, pools = false } = {}) {
    const given = JSON.stringify({ uri: stores.uri, collection: 'dropped', ...options });
    const constants = `const OPTIONS = ${given}, WATCHED = ${watched}, USED = ${used}, LOCAL = ${local}, POOLS = ${pools}, WITNESS = ${JSON.stringify(stores.uri)};`;
    const { code, stdout, stderr } = await runScript(constants + DROP, { execArgv: ['--expose-gc'], timeoutMS: 100_000 });
    assert.deepEqual([code, stderr], [0, '']);
    return JSON.parse(stdout);
  }

  for (const [title, options, how] of [
    ['stores that nobody used', {}, { used: false }],
    ['stores that were used', {}, {}],
    ['stores whose commands somebody is told of', {}, { watched: true }],
    ['stores that were opened in an async context', {}, { local: true }],
    ['stores with `degrade`', { degrade: true }, {}],
    ['stores that remove expired sessions themselves', { autoRemove: 'interval', autoRemoveInterval: 60 }, {}],
    ['stores with every layer', { touchAfter: 1, partialUpdates: true, preventResurrection: true, hashIds: true }, {}]
  ]) {
    it(`are collected: ${title}`, async () => {
      const { left } = await drop(options, how);
      assert.ok(left <= LEFT, `${left} of ${STORES} are left`);
    });
  }

  it('are collected, those that found no server', async () => {
    const { left } = await drop({ uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1' }, { used: false });
    assert.ok(left <= LEFT, `${left} of ${STORES} are left`);
  });

  it('give up their connections, each its own', async () => {
    const { more } = await drop({}, { pools: true });
    assert.ok(more <= LEFT, `${more} connections more`);
  });
});
