'use strict';

/** `watch: true`: what other processes, and MongoDB itself, do to sessions. */

const assert = require('node:assert/strict');
const { Worker } = require('node:worker_threads');
const { once } = require('node:events');
const { MongoClient } = require('mongodb');
const { ROOT } = require('../support/impl');
const { runScript } = require('../support/child');
const { eventually } = require('../support/stores');
const { Heard, assertTimes, sessionOf, useFleet } = require('./fleet');

describe('watching sessions', function watching() {
  this.timeout(60_000);
  this.slow(5000);
  const fleet = useFleet();

  describe('tells', () => {
    it('what another process does, in order, and what this one does once', async () => {
      const options = fleet.options();
      const elsewhere = fleet.elsewhere(options);
      const store = await fleet.watching(options);
      const heard = new Heard(store);
      await elsewhere.call('set', 'theirs', sessionOf({ n: 1 }));
      await elsewhere.call('set', 'theirs', sessionOf({ n: 2 }));
      await elsewhere.call('destroy', 'theirs');
      await heard.until('destroy theirs');
      await store.set('ours', sessionOf({ n: 1 }));
      await store.set('ours', sessionOf({ n: 2 }));
      await store.touch('ours', sessionOf({ n: 2 }));
      await store.destroy('ours');
      await elsewhere.call('set', 'last', sessionOf());
      assert.deepEqual(await heard.until('create last'), [
        'create theirs', 'update theirs', 'destroy theirs',
        'create ours', 'set ours', 'update ours', 'set ours', 'touch ours', 'destroy ours',
        'create last'
      ]);
      assert.deepEqual(heard.errors, []);
    });

    it('each change of each session once, while both processes write at once', async () => {
      const options = fleet.options();
      const elsewhere = fleet.elsewhere(options);
      const store = await fleet.watching(options);
      const heard = new Heard(store);
      const ids = Array.from({ length: 40 }, (_, index) => index);
      await Promise.all(ids.flatMap((index) => [
        elsewhere.call('set', `theirs ${index}`, sessionOf()).then(() => elsewhere.call('destroy', `theirs ${index}`)),
        store.set(`ours ${index}`, sessionOf()).then(() => store.destroy(`ours ${index}`))
      ]));
      await elsewhere.call('set', 'last', sessionOf());
      await heard.until('create last');
      for (const index of ids) {
        for (const event of ['create', 'destroy']) {
          for (const whose of ['theirs', 'ours']) assertTimes(heard, `${event} ${whose} ${index}`, 1);
        }
      }
    });

    it('a session that both end, once', async () => {
      const options = fleet.options();
      const elsewhere = fleet.elsewhere(options);
      const store = await fleet.watching(options);
      const heard = new Heard(store);
      const ids = Array.from({ length: 20 }, (_, index) => `s${index}`);
      await Promise.all(ids.map((id) => elsewhere.call('set', id, sessionOf())));
      await Promise.all(ids.flatMap((id) => [store.destroy(id), elsewhere.call('destroy', id)]));
      await elsewhere.call('set', 'last', sessionOf());
      await heard.until('create last');
      // This process hears of its own call, and of the other's if that came first and was heard before.
      for (const id of ids) assert.ok([1, 2].includes(heard.list.filter((one) => one === `destroy ${id}`).length), heard.list.join());
    });

    it('nothing of touches: they change when a session ends, and nothing else', async () => {
      const options = fleet.options();
      const elsewhere = fleet.elsewhere(options);
      const heard = new Heard(await fleet.watching(options));
      await elsewhere.call('set', 'a', sessionOf());
      await elsewhere.call('touch', 'a', sessionOf());
      await elsewhere.call('destroy', 'a');
      assert.deepEqual(await heard.until('destroy a'), ['create a', 'destroy a']);
    });

    it('with the id, what the session is stored under and the document\'s key', async () => {
      const options = fleet.options();
      const heard = new Heard(await fleet.watching(options));
      await fleet.rows(options).insertOne({ _id: 'a' });
      await heard.until('create a');
      assert.deepEqual(heard.details, [{ storedId: 'a', key: 'a' }]);
    });

    it('what is deleted by a filter, here or elsewhere, session by session', async () => {
      const options = fleet.options();
      const elsewhere = fleet.elsewhere(options);
      const store = await fleet.watching(options);
      const heard = new Heard(store);
      for (const [id, user] of [['a', 'ada'], ['b', 'bob'], ['c', 'bob']]) await elsewhere.call('set', id, sessionOf({ user }));
      await store.destroyWhere({ 'session.user': 'ada' });
      await heard.until('destroy a');
      await elsewhere.call('destroyWhere', { 'session.user': 'bob' });
      await heard.until('destroy b');
      await heard.until('destroy c');
    });
  });

  describe('a session that expires', () => {
    const row = (id, lastsMS) => ({ _id: id, session: sessionOf({}, lastsMS), expires: new Date(Date.now() + lastsMS) });

    it('is told as expired when MongoDB removes it, if its date has been seen', async () => {
      const options = fleet.options();
      const elsewhere = fleet.elsewhere(options);
      const heard = new Heard(await fleet.watching(options));
      await elsewhere.call('set', 'a', sessionOf({}, 100));
      const before = sessionOf({}, 2000);
      await elsewhere.call('set', 'b', before);
      await elsewhere.call('touch', 'b', sessionOf());
      await eventually(() => Date.now() > Date.parse(before.cookie.expires));
      // By then it has not expired: that is known from the touch.
      await elsewhere.call('destroy', 'b');
      await heard.until('destroy b');
      await heard.until('expire a');
      assert.deepEqual([...heard.list].sort(), ['create a', 'create b', 'destroy b', 'expire a']);
    });

    it('is told as expired also if it was there before, where the collection keeps pre-images', async () => {
      const options = fleet.options();
      await fleet.witness.db(options.databaseName).createCollection(options.collection, { changeStreamPreAndPostImages: { enabled: true } });
      await fleet.rows(options).insertMany([row('a', 1000), row('b', 60_000)]);
      const heard = new Heard(await fleet.watching(options));
      await fleet.rows(options).deleteOne({ _id: 'b' });
      await heard.until('destroy b');
      // Which comes first is up to MongoDB, which looks for expired ones every second.
      assert.deepEqual([...await heard.until('expire a')].sort(), ['destroy b', 'expire a']);
    });

    it('is told as destroyed where its date is not known', async () => {
      const options = fleet.options();
      await fleet.rows(options).insertOne(row('a', 500));
      // The stream begins with the last write before it, whatever that is to.
      await fleet.rows(fleet.options()).insertOne({});
      const heard = new Heard(await fleet.watching(options));
      assert.deepEqual(await heard.until('destroy a'), ['destroy a']);
    });
  });

  describe('the stream', () => {
    it('is one for all stores and worker threads of a process, which are one to each other', async () => {
      const options = fleet.options();
      const [first, second] = [await fleet.watching(options), await fleet.watching(options)];
      const worker = new Worker(`
        const { workerData, parentPort } = require('node:worker_threads');
        const Store = require(${JSON.stringify(ROOT)})(require('express-session'));
        const store = new Store({ ...workerData, watch: true }, () => parentPort.postMessage('connected'));
        for (const event of ['create', 'update', 'destroy']) store.on(event, (id) => parentPort.postMessage(event + ' ' + id));
        parentPort.on('message', () => store.close().then(() => parentPort.close()));`, { eval: true, workerData: options });
      const list = [];
      worker.on('message', (message) => list.push(message));
      const heard = [new Heard(first), new Heard(second), { list }];
      await eventually(() => list.includes('connected'));
      await first.set('ours', sessionOf());
      await first.destroy('ours');
      await fleet.rows(options).insertOne({ _id: 'theirs' });
      await eventually(() => heard.every(({ list: each }) => each.includes('create theirs')));
      assert.deepEqual(heard.map(({ list: each }) => each.filter((one) => one !== 'connected')), [
        ['create ours', 'set ours', 'destroy ours', 'create theirs'], ['create theirs'], ['create theirs']
      ]);
      await fleet.untilOneStream(options.collection);
      worker.postMessage('close');
      await once(worker, 'exit');
    });

    it('ends with the last store that is closed, and its connections with it', async () => {
      const options = fleet.options({ connectionOptions: { appName: 'closing' } });
      const [first, second] = [await fleet.watching(options), await fleet.watching(options)];
      const heard = new Heard(second);
      await first.close();
      await fleet.rows(options).insertOne({ _id: 'a' });
      await heard.until('create a');
      await second.close();
      await eventually(async () => (await fleet.streams(options.collection)).length === 0);
      // The driver looks at a server every ten seconds: a client that was not closed would keep a connection for as long.
      await eventually(async () => (await fleet.connections('closing')).length === 0, 8000);
    });

    it('goes on when the application connects the client again that it closed, from then on', async () => {
      const options = fleet.options();
      const store = await fleet.watching(options);
      const heard = new Heard(store);
      await fleet.rows(options).insertOne({ _id: 'before' });
      await heard.until('create before');
      for (const round of [1, 2]) {
        await store.client.close();
        await eventually(async () => (await fleet.streams(options.collection)).length === 0);
        await fleet.rows(options).insertOne({ _id: `missed ${round}` });
        await fleet.rows(options).insertOne({ _id: `last missed ${round}` });
        await store.client.connect();
        await store.set(`ours ${round}`, sessionOf());
        await fleet.rows(options).insertOne({ _id: `theirs ${round}` });
        await heard.until(`create theirs ${round}`);
        await fleet.untilOneStream(options.collection);
      }
      // The last change before it may be heard, too.
      const told = heard.list.filter((what) => !what.startsWith('create last missed'));
      assert.deepEqual(told, ['create before', ...[1, 2].flatMap((n) => [`create ours ${n}`, `set ours ${n}`, `create theirs ${n}`])]);
      assert.deepEqual(heard.errors, []);
    });

    it('is the store\'s own, whatever becomes of a client that the application gave', async () => {
      const client = await MongoClient.connect(fleet.server.uri);
      const { collection, databaseName } = fleet.options();
      const store = await fleet.watching({ client, collection, databaseName });
      const heard = new Heard(store);
      await fleet.rows({ collection, databaseName }).insertOne({ _id: 'connected' });
      await heard.until('create connected');
      await store.client.close();
      await fleet.rows({ collection, databaseName }).insertOne({ _id: 'closed' });
      await heard.until('create closed');
      await store.client.connect();
      await fleet.rows({ collection, databaseName }).insertOne({ _id: 'connected again' });
      assert.deepEqual(await heard.until('create connected again'), ['create connected', 'create closed', 'create connected again']);
      await fleet.untilOneStream(collection);
      await client.close();
    });

    it('leaves no connection when a listener closes the store', async () => {
      const options = fleet.options({ connectionOptions: { appName: 'closed by a listener' } });
      for (let n = 0; n < 10; n++) {
        const store = await fleet.watching(options);
        const closed = new Promise((resolve, reject) => store.once('create', () => store.close().then(resolve, reject)));
        await fleet.rows(options).insertOne({});
        await closed;
      }
      await eventually(async () => (await fleet.connections('closed by a listener')).length === 0, 8000);
    });

    it('keeps neither a process nor a dropped store', async () => {
      const { code, stdout, stderr } = await runScript(`
        const Store = require('.')(require('express-session'));
        let left = 0;
        const registry = new FinalizationRegistry(() => left--);
        const open = () => new Promise((resolve) => {
          const store = new Store(${JSON.stringify({ ...fleet.options(), watch: true })}, resolve);
          store.on('destroy', () => store.mine);
          registry.register(store);
          left++;
        });
        (async () => {
          for (let n = 0; n < 20; n++) await open();
          for (const until = Date.now() + 30_000; left > 2 && Date.now() < until;) {
            gc();
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          process.stdout.write(String(left <= 2));
        })();`, { execArgv: ['--expose-gc'], timeoutMS: 50_000 });
      assert.deepEqual([code, stdout, stderr], [0, 'true', '']);
    });

    it('takes no connection from operations', async () => {
      const options = fleet.options({ connectionOptions: { maxPoolSize: 1, appName: 'narrow' } });
      const store = await fleet.watching(options);
      await fleet.untilOneStream(options.collection);
      const started = Date.now();
      for (let n = 0; n < 20; n++) await store.get('a');
      // The stream waits a second for each answer of the server: behind it, each would take so long.
      assert.ok(Date.now() - started < 8000, `${Date.now() - started} ms`);
    });
  });
});
