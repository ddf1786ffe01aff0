'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { Child } = require('../../../tools/benchmark/child');
const { percentile } = require('../../../tools/benchmark/measure');
const { parse } = require('../../../tools/benchmark/options');
const { startRelay } = require('../../../tools/benchmark/relay');
const { makeSessions } = require('../../../tools/benchmark/sessions');
const { Server } = require('../../../tools/benchmark/server');
const { median, rotated, summarize } = require('../../../tools/benchmark/summary');
const { VARIANTS, measure: measureUsers } = require('../../../tools/benchmark/users');
const { measure: measureWatching, openStore } = require('../../../tools/benchmark/watch');
const { mongoUri, testClient, uniqueName } = require('../../support/server');

const WORKER = path.join(__dirname, '../../../tools/benchmark/worker.js');
const PLAN = { concurrency: 4, warmupMs: 0, measureMs: 30, seed: 1 };

describe('a benchmark worker', function() {
  this.timeout(60_000);
  let child;
  let sessions;
  let database;

  beforeEach(async () => {
    database = uniqueName('bench');
    const client = await testClient();
    sessions = client.db(database).collection('sessions');
    child = new Child(WORKER, 'the worker');
    await child.call('open', { id: 'ours', uri: await mongoUri(), database });
    await child.call('fill', makeSessions(300, 20));
  });

  afterEach(async () => {
    await child.stop();
    await sessions.drop();
  });

  for (const id of ['connect-mongo', 'door', 'connect-mongo-crypto', 'door-crypto']) {
    it(`reads what it stored with ${id}, encrypted where that is asked for`, async () => {
      const encrypting = new Child(WORKER, id);
      const name = uniqueName('bench');
      const stored = (await testClient()).db(name).collection('sessions');
      try {
        await encrypting.call('open', { id, uri: await mongoUri(), database: name });
        await encrypting.call('fill', makeSessions(300, 20));
        await encrypting.call('run', { ...PLAN, operation: 'mix50' });
        const [{ text }] = await encrypting.call('sample', { count: 1, seed: 1 });
        const { visitor } = JSON.parse(text);
        const isReadable = JSON.stringify(await stored.find().toArray()).includes('visitor');
        assert.deepEqual([typeof visitor, isReadable], ['number', !id.endsWith('crypto')]);
      } finally {
        await encrypting.stop();
        await stored.drop();
      }
    });
  }

  it('fails when a get gives another session than was stored', async () => {
    await sessions.updateMany({}, { $set: { 'session.requests': 7 } });
    await assert.rejects(child.call('run', { ...PLAN, operation: 'get' }), /the worker: Error: get gave the wrong session: expected visitor \d+ after 1 writes, got visitor \d+ after 7/);
  });

  it('fails when a get gives no session', async () => {
    await sessions.deleteMany({});
    await assert.rejects(child.call('run', { ...PLAN, operation: 'mix80' }), /wrong session: expected .* got (undefined|null)/);
  });

  it('fails when any part of a sampled session was changed', async () => {
    await sessions.updateMany({}, { $set: { 'session.passport.user': 'somebody else' } });
    await assert.rejects(child.call('sample', { count: 5, seed: 1 }), /get gave a changed session/);
  });

  it('fails when its process ends', async () => {
    const running = child.call('run', { ...PLAN, measureMs: 60000, operation: 'get' });
    child.process.kill('SIGKILL');
    await assert.rejects(running, /the worker: its process ended \(SIGKILL\)/);
  });
});

describe('the benchmark\'s look at the server', () => {
  const { asText } = require('../../../tools/benchmark/sessions');
  const expires = new Date(Date.now() + 60000);
  const session = { cookie: { path: '/', expires: null }, user: 'ada', since: new Date(0), none: undefined };
  const right = { sid: 'a', text: asText(session), expires: expires.getTime() };
  let server;
  let database;

  before(async () => {
    database = uniqueName('bench');
    server = new Server();
    server.client = await testClient();
    await server.client.db(database).collection('sessions').insertMany([
      { _id: 'a', session, expires },
      { _id: 'b', session: JSON.stringify(session), expires }
    ]);
  });

  after(() => server.drop(database));

  it('accepts what was stored, as an object or as JSON', async () => {
    await server.verify(database, 2, [right, { ...right, sid: 'b' }]);
  });

  const wrong = [
    ['a missing session', 3, right, /holds 2 sessions instead of 3/],
    ['another session', 2, { ...right, text: asText({ ...session, user: 'bob' }) }, /holds .*ada.* instead of .*bob/],
    ['no session', 2, { ...right, sid: 'c' }, /holds nothing instead of/],
    ['another expiry', 2, { ...right, expires: 0 }, /expires .* instead of 1970-01-01/]
  ];
  for (const [what, count, expected, message] of wrong) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(server.verify(database, count, [expected]), message);
    });
  }
});

describe('the benchmark\'s clients', () => {
  it('fail when an app answers with somebody else\'s session', async () => {
    const app = http.createServer((req, res) => res.end('{"sid":"sid","visitor":0,"requests":0}')).listen(0, '127.0.0.1');
    await once(app, 'listening');
    const clients = new Child(path.join(__dirname, '../../../tools/benchmark/app/clients.js'), 'the clients');
    try {
      await clients.call('login', { port: app.address().port, count: 4, connections: 2 });
      await clients.call('begin', { kind: 'read', connections: 2, seed: 1 });
      await assert.rejects(async () => {
        // One request may by chance be visitor 0's.
        for (let seed = 2; seed < 20; seed++) {
          await clients.call('stop');
          await clients.call('begin', { kind: 'read', connections: 2, seed });
        }
      }, /wrong session: expected visitor [123] after 0 saves, got visitor 0 after 0/);
    } finally {
      await clients.stop();
      app.closeAllConnections?.();
      app.close();
    }
  });
});

describe('the benchmark\'s batching store', function() {
  this.timeout(60_000);
  const session = require('express-session');
  const BatchingStore = require('../../../tools/benchmark/fixtures/batching-store')(session);
  let store;
  let commands;

  const cookie = (ms = 60000) => ({ originalMaxAge: ms, expires: new Date(Date.now() + ms), path: '/' });
  const call = (method, ...args) => new Promise((resolve, reject) => {
    store[method](...args, (error, result) => (error ? reject(error) : resolve(result)));
  });

  beforeEach(async () => {
    commands = [];
    const connectionOptions = { monitorCommands: true };
    store = new BatchingStore({ uri: await mongoUri(), databaseName: uniqueName('bench'), collection: 'sessions', connectionOptions });
    await store.ready;
    store.client.on('commandStarted', ({ commandName }) => commands.push(commandName));
  });

  afterEach(async () => {
    await store.client.db(store.collection.dbName).dropDatabase();
    await store.close();
  });

  it('sends what one tick asks for in few commands, and tells each caller its own result', async () => {
    const ids = Array.from({ length: 100 }, (_, number) => `sid ${number}`);
    await Promise.all(ids.map((id, number) => call('set', id, { cookie: cookie(), number })));
    const read = await Promise.all([...ids, 'nobody'].map((id) => call('get', id)));
    assert.deepEqual(read.map((one) => one && one.number), [...ids.keys(), null]);
    assert.ok(commands.filter((name) => name === 'update').length <= 32, commands.join());
    assert.ok(commands.filter((name) => name === 'find').length <= 32, commands.join());
  });

  it('keeps the order of operations on one session', async () => {
    const results = await Promise.all([
      call('set', 'sid', { cookie: cookie(), number: 1 }),
      call('get', 'sid'),
      call('set', 'sid', { cookie: cookie(), number: 2 }),
      call('get', 'sid'),
      call('destroy', 'sid'),
      call('get', 'sid')
    ]);
    assert.deepEqual(results.map((one) => (one ? one.number : one)), [undefined, 1, undefined, 2, undefined, null]);
  });

  it('does not give expired sessions, and renews them by touch', async () => {
    // Else the server may delete it meanwhile.
    await store.collection.dropIndexes();
    await call('set', 'sid', { cookie: cookie(-1000), number: 1 });
    assert.equal(await call('get', 'sid'), null);
    await call('touch', 'sid', { cookie: cookie() });
    assert.equal((await call('get', 'sid')).number, 1);
  });
});

describe('the benchmark\'s relay', () => {
  it('keeps every request back for the delay, and its answers not at all', async () => {
    const echo = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const relay = await startRelay({ host: '127.0.0.1', port: echo.address().port }, 40);
    const client = net.connect({ host: '127.0.0.1', port: relay.port });
    try {
      for (const text of ['one', 'two']) {
        const startedAt = performance.now();
        client.write(text);
        const [answer] = await once(client, 'data');
        assert.equal(String(answer), text);
        assert.ok(performance.now() - startedAt >= 40);
      }
    } finally {
      client.destroy();
      await relay.stop();
      echo.close();
    }
  });
});

describe('the benchmark\'s statistics', () => {
  it('take percentiles by rank', () => {
    const values = Float64Array.from({ length: 1000 }, (_, index) => index + 1);
    assert.deepEqual([0.5, 0.99, 0.999, 1].map((share) => percentile(values, share)), [500, 990, 999, 1000]);
    assert.equal(percentile([7], 0.99), 7);
    assert.ok(Number.isNaN(percentile([], 0.5)));
  });

  it('take the median of rounds, with the least and the most', () => {
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.deepEqual(summarize([{ a: 3, b: NaN }, { a: 1, b: NaN }, { a: 20, b: NaN }]), {
      a: { median: 3, min: 1, max: 20 },
      b: { median: null, min: null, max: null }
    });
  });

  it('let each contestant be first in turn', () => {
    assert.deepEqual([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join('')), ['abc', 'bca', 'cab', 'abc']);
  });
});

describe('the benchmark\'s command line', () => {
  const refusals = [
    [['--operations', 'get,put'], '--operations takes get, set, change, touch, mix80, mix50; got "put"'],
    [['--sizes', '4M'], '--sizes takes sizes from 300 bytes, such as 300 or 4K; got "4M"'],
    [['--rounds', '0'], '--rounds takes whole numbers from 1; got "0"'],
    [['--concurrency', '64', '--sids', '80'], '--sids must be at least 1.5 times --concurrency; got 80 and 64'],
    [['--contestants', 'redis'], /^there is no contestant "redis"; there are original, .*, ours\b/],
    [['--full', '--sizes', '300'], '--full is a set of its own: leave it out to choose'],
    [['--connect-mongo', '--sizes', '300'], '--connect-mongo is a set of its own: leave it out to choose']
  ];
  for (const [args, message] of refusals) {
    it(`refuses ${args.join(' ')}`, () => {
      assert.throws(() => parse(args), { message });
    });
  }

  it("measures connect-mongo beside this package's door, each with crypto and without", () => {
    const { suite, contestants } = parse(['--connect-mongo']);
    assert.deepEqual(contestants.map(({ id }) => id), ['connect-mongo', 'door', 'connect-mongo-crypto', 'door-crypto']);
    assert.deepEqual(suite.stores, [
      { operations: ['get', 'set', 'mix80'], sizes: [300, 4096], concurrency: [16, 64], rates: [], delays: [0] }
    ]);
  });

  it('measures what the axes say and nothing else', () => {
    const { suite, contestants } = parse(['--operations', 'set', '--sizes', '4K', '--concurrency', '1,16']);
    assert.deepEqual(suite, {
      stores: [{ operations: ['set'], sizes: [4096], concurrency: [1, 16], rates: [], delays: [0] }],
      apps: [],
      footprint: false,
      wireLimit: false
    });
    assert.deepEqual(contestants.map(({ id }) => id), ['original', 'connect-mongo', 'connect-mongo-objects', 'batching', 'ours', 'ours-partial']);
  });
});

describe('the benchmark of users', function users() {
  this.timeout(60_000);

  for (const [name, variant] of Object.entries(VARIANTS)) {
    it(`finds and ends a user's sessions by the index (${name})`, async () => {
      const { sessionsOf, destroyUser, stage } = await measureUsers(await mongoUri(uniqueName('users')), variant, { sessions: 500, rounds: 1 });
      assert.equal(stage, 'IXSCAN user_1');
      assert.ok(sessionsOf > 0 && destroyUser > 0);
    });
  }
});

describe('the benchmark of watching', function watching() {
  this.timeout(60_000);

  it('waits until every change was told, and finds what it cost', async () => {
    const server = await Server.start({ members: 1 });
    const store = openStore(server.uri, false);
    try {
      await store.initialConnectionPromise;
      const { serverMsPerSecond, processMsPerSecond } = await measureWatching(server, store, true, 0, 0.2);
      assert.ok(serverMsPerSecond > 0 && processMsPerSecond > 0);
    } finally {
      await store.close();
      await server.stop();
    }
  });
});
