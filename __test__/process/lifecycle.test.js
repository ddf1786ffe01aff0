'use strict';

/** What the store does to the process it runs in. */

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const expressSession = require('express-session');
const connectMongoDBSession = require('../..');
const { Relay, hostOf, relayedUri } = require('../support/relay');
const { useWitness } = require('../support/witness');

const ROOT = path.join(__dirname, '..', '..');
const MongoDBStore = connectMongoDBSession(expressSession);

describe('lifecycle', () => {
  const witness = useWitness('lifecycle');

  /** Runs a script with `store` connected to the test's database. */
  async function run(script, { timeout = 50_000 } = {}) {
    const prelude = `
      const session = require(${JSON.stringify(require.resolve('express-session'))});
      const MongoDBStore = require(${JSON.stringify(ROOT)})(session);
      const open = (options) => new MongoDBStore({ uri: ${JSON.stringify(witness.uri)}, ...options });
    `;
    const child = spawn(process.execPath, ['-e', prelude + script], { stdio: ['ignore', 'pipe', 'pipe'], timeout });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
    const [code, signal] = await once(child, 'close');
    return { code, signal, output: output.trim() };
  }

  it('a script ends by itself after its last operation, without closing the store', async () => {
    const result = await run("const store = open(); store.set('a', { cookie: {} }, (error) => console.log('stored', error));");
    assert.deepEqual(result, { code: 0, signal: null, output: 'stored undefined' });
  });

  it('a store connects while the application is still starting, in the tick that opens it', async () => {
    const relay = await new Relay(hostOf(witness.uri)).open();
    const begun = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'starting-')), 'begun');
    relay.server.once('connection', () => fs.writeFileSync(begun, ''));
    try {
      const result = await run(`
        const fs = require('fs');
        open({ uri: ${JSON.stringify(relayedUri(witness.uri, relay.port))} });
        // As an application that loads for long: nothing else of this process's runs meanwhile.
        const [clock, limit] = [new Int32Array(new SharedArrayBuffer(4)), Date.now() + 20_000];
        while (!fs.existsSync(${JSON.stringify(begun)}) && Date.now() < limit) Atomics.wait(clock, 0, 0, 5);
        console.log('connecting', fs.existsSync(${JSON.stringify(begun)}));`);
      assert.deepEqual(result, { code: 0, signal: null, output: 'connecting true' });
    } finally {
      await relay.close();
      fs.rmSync(path.dirname(begun), { recursive: true });
    }
  });

  it('a store that could not be made keeps no process, whether its server is there or not', async () => {
    const result = await run(`
      const connectionOptions = { serverSelectionTimeoutMS: 600_000 };
      for (const options of [{}, { uri: 'mongodb://127.0.0.1:1/test', connectionOptions }]) {
        try { open({ databaseName: 'a.b', ...options }); } catch (error) { console.log(error.message); }
      }`);
    const message = "Database names cannot contain the character '.'";
    assert.deepEqual(result, { code: 0, signal: null, output: `${message}\n${message}` });
  });

  it('operations under way keep the process alive until they end', async () => {
    const result = await run(`
      const store = open();
      let done = 0;
      for (let i = 0; i < 500; i++) store.set('sid' + i, { cookie: {} }, () => { if (++done === 500) console.log('all'); });`);
    assert.deepEqual(result, { code: 0, signal: null, output: 'all' });
  });

  it('process.exit in the middle of operations ends with its code', async () => {
    for (let round = 0; round < 10; round++) {
      const result = await run(`
        const store = open();
        for (let i = 0; i < 200; i++) store.set('sid' + i, { cookie: {} }, () => { if (i === ${round * 10}) process.exit(5); });`);
      assert.deepEqual(result, { code: 5, signal: null, output: '' });
    }
  });

  it('worker threads that are terminated in the middle of operations harm nobody', async function terminated() {
    this.timeout(120_000);
    const result = await run(`
      const { Worker } = require('worker_threads');
      const work = ${JSON.stringify(`
        const session = require(${JSON.stringify(require.resolve('express-session'))});
        const MongoDBStore = require(${JSON.stringify(ROOT)})(session);
        const store = new MongoDBStore({ uri: ${JSON.stringify(witness.uri)} });
        const { parentPort } = require('worker_threads');
        let n = 0;
        const next = () => store.set('w' + (n++ % 50), { cookie: {}, n }, () => { if (n === 20) parentPort.postMessage('busy'); next(); });
        for (let i = 0; i < 8; i++) next();
      `)};
      const store = open();
      (async () => {
        for (let round = 0; round < 20; round++) {
          const worker = new Worker(work, { eval: true });
          await new Promise((resolve) => worker.once('message', resolve));
          await worker.terminate();
          await store.set('main', { cookie: {}, round });
        }
        console.log((await store.get('main')).round);
      })();`, { timeout: 100_000 });
    assert.deepEqual(result, { code: 0, signal: null, output: '19' });
  });

  it('operations on one session do not wait for each other longer than for a server', async () => {
    const selection = 1000;
    const away = new MongoDBStore({ uri: `mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=${selection}` }, () => {});
    const started = Date.now();
    const calls = Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? away.get('a') : away.set('a', { cookie: {} })));
    const results = await Promise.allSettled(calls);
    const took = Date.now() - started;
    await away.client.close();
    assert.ok(results.every(({ status }) => status === 'rejected'));
    assert.match(results.at(-1).reason.message, /Error setting a to .*: connect ECONNREFUSED 127\.0\.0\.1:1$/);
    // One after another they would take twelve times as long.
    assert.ok(took < 5 * selection, `${took} ms`);
  });

  it('operations wait for a server for their own time, not for that of those before them', async () => {
    const selection = 3000;
    const away = new MongoDBStore({ uri: `mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=${selection}` }, () => {});
    const timed = async (sid) => {
      const started = Date.now();
      await assert.rejects(away.get(sid), /connect ECONNREFUSED 127\.0\.0\.1:1$/);
      return Date.now() - started;
    };
    const waiting = Array.from({ length: 100 }, (_, n) => timed(`first${n}`));
    // One of them soon after those before it, behind which it would wait for nearly twice its time.
    await new Promise((resolve) => setTimeout(resolve, selection / 10));
    waiting.push(...Array.from({ length: 100 }, (_, n) => timed(`second${n}`)));
    const slowest = Math.max(...await Promise.all(waiting));
    await away.client.close();
    assert.ok(slowest < selection * 1.7, `${slowest} ms`);
  });

  it('operations that wait for a server are sent when it is there', async () => {
    const relay = await new Relay(hostOf(witness.uri)).open();
    const store = new MongoDBStore({ uri: relayedUri(witness.uri, relay.port), connectionOptions: { serverSelectionTimeoutMS: 4000, heartbeatFrequencyMS: 500 } });
    await store.initialConnectionPromise;
    await relay.cut();
    const many = () => Promise.allSettled(Array.from({ length: 50 }, (_, n) => store.set(`waits${n}`, { cookie: {}, n })));
    assert.ok((await many()).every(({ status }) => status === 'rejected'));
    const waiting = many();
    await relay.open();
    assert.deepEqual((await waiting).filter(({ status }) => status === 'rejected'), []);
    assert.equal((await store.get('waits49')).n, 49);
    await store.client.close();
    await relay.cut();
  });

  describe('callbacks', () => {
    let store;

    before(async () => {
      store = new MongoDBStore({ uri: witness.uri });
      await store.initialConnectionPromise;
    });

    after(() => store.client.close());

    it('run in the AsyncLocalStorage context of their caller', async () => {
      const storage = new AsyncLocalStorage();
      const seen = await Promise.all(Array.from({ length: 100 }, (_, n) => storage.run(n, () => {
        return new Promise((resolve) => store.get(`sid${n % 7}`, () => resolve(storage.getStore())));
      })));
      assert.deepEqual(seen, Array.from({ length: 100 }, (_, n) => n));
    });

    it('a session that calls the store while it is being stored is stored, and so is the other', async () => {
      let inner;
      const before = store.set('before', { cookie: {}, n: 0 });
      await store.set('outer', {
        cookie: {},
        text: 'x'.repeat(1000),
        user: {
          get name() {
            inner ??= Promise.all([store.set('inner', { cookie: {}, n: 1 }), store.set('before', { cookie: {}, n: 2 })]);
            return 'read';
          }
        },
        after: true
      });
      await Promise.all([before, inner]);
      assert.deepEqual(await store.get('inner'), { cookie: {}, n: 1 });
      assert.deepEqual(await store.get('before'), { cookie: {}, n: 2 });
      const outer = await store.get('outer');
      assert.deepEqual([outer.user.name, outer.after, outer.text.length], ['read', true, 1000]);
    });

    it('that throw are uncaught exceptions once each, and every other operation ends', async () => {
      const result = await run(`
        const store = open();
        let ended = 0;
        let thrown = 0;
        process.on('uncaughtException', (error) => { thrown += error.message === 'mine' ? 1 : 100; });
        for (let i = 0; i < 100; i++) store.get('sid' + i, () => { ended++; if (i % 10 === 0) throw new Error('mine'); });
        process.on('exit', () => console.log(ended, thrown));`);
      assert.deepEqual(result, { code: 0, signal: null, output: '100 10' });
    });
  });
});
