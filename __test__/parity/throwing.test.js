'use strict';

const assert = require('node:assert/strict');
const impl = require('../support/impl');
const { useStores } = require('../support/stores');
const { runScript, runStoreScript } = require('../support/child');
const { difference } = require('./differences');

/** Who gets an error nobody asked for, seen from a whole process. */
describe(`errors without a taker [${impl.name}]`, function() {
  this.timeout(60_000);
  const stores = useStores();
  const run = source => runStoreScript(source, { uri: stores.uri });

  const REFUSED = '{ uri: \'mongodb://127.0.0.1:1/test\', connectionOptions: { serverSelectionTimeoutMS: 100 } }';
  const CLOSED = `
    const store = new Store({ uri, collection: 'throwing' });
    await store.initialConnectionPromise;
    await store.client.close();
    `;

  describe('a first connection that fails', () => {
    it('without callback and listener is an unhandledRejection', async () => {
      const { uncaught } = await run(`new Store(${REFUSED});`);
      assert.equal(uncaught.length, 1);
      assert.equal(uncaught[0].origin, 'unhandledRejection');
      assert.match(uncaught[0].message, /^Error connecting to db: /);
    });

    it('ends a process that does not care', async () => {
      const { code, stderr } = await runScript(`
        const impl = require('./__test__/support/impl');
        new (impl.factory(require('express-session')))(${REFUSED});
      `);
      assert.equal(code, 1);
      assert.match(stderr, /Error connecting to db: /);
    });

    it('without callback is thrown although a listener heard it', async () => {
      const { uncaught, reports } = await run(`
        const store = new Store(${REFUSED});
        store.on('error', error => report(error.message));`);
      assert.equal(reports.length, 1);
      assert.deepEqual(uncaught, [{ origin: 'unhandledRejection', message: reports[0] }]);
    });

    it('with a callback is thrown nowhere', async () => {
      const { uncaught, reports, code } = await run(`
        new Store(${REFUSED}, error => report(error.message));`);
      assert.equal(reports.length, 1);
      assert.deepEqual(uncaught, []);
      assert.equal(code, 0);
    });

    it('can be caught on initialConnectionPromise', async () => {
      const { uncaught, reports } = await run(`
        const store = new Store(${REFUSED});
        await store.initialConnectionPromise.catch(error => report(error.message));`);
      assert.match(reports[0], /^Error connecting to db: /);
      assert.deepEqual(uncaught, []);
    });
  });

  describe('an index that cannot be created', () => {
    it('without callback and listener is an unhandledRejection', async () => {
      const { uncaught } = await run(`
        const store = new Store({ uri, collection: '' });
        await thrown(1);
        await store.client.close();`);
      assert.equal(uncaught.length, 1);
      assert.equal(uncaught[0].origin, 'unhandledRejection');
      assert.match(uncaught[0].message, /Error creating index: Invalid namespace specified/);
    });

    it('with a listener is thrown nowhere', async () => {
      const { uncaught, reports } = await run(`
        const store = new Store({ uri, collection: '' });
        store.on('error', error => report(error.message));
        await store.initialConnectionPromise;
        await reported(1);
        await store.client.close();`);
      assert.equal(reports.length, 1);
      assert.match(reports[0], /^Error creating index: /);
      assert.deepEqual(uncaught, []);
    });
  });

  describe('an operation that fails', () => {
    for (const [method, args, message] of [
      ['set', '\'a\', {}', /^Error setting a to \{\}: /],
      ['destroy', '\'a\'', /^Error destroying a: /],
      ['clear', '', /^Error clearing all sessions: /]
    ]) {
      it(`without callback and listener is an unhandledRejection: ${method}`, async () => {
        const { uncaught } = await run(`${CLOSED} store.${method}(${args}); await thrown(1);`);
        assert.equal(uncaught.length, 1);
        assert.equal(uncaught[0].origin, 'unhandledRejection');
        assert.match(uncaught[0].message, message);
      });
    }

    it('without callback is thrown nowhere when a listener heard it', async () => {
      const { uncaught, reports, code } = await run(`${CLOSED}
        store.on('error', error => report(error.message));
        store.set('a', {});
        store.destroy('a');
        store.clear();
        await reported(3);`);
      assert.deepEqual(reports.map(message => message.split(':')[0]),
        ['Error setting a to {}', 'Error destroying a', 'Error clearing all sessions']);
      assert.deepEqual(uncaught, []);
      assert.equal(code, 0);
    });

    it('with a callback is thrown nowhere', async () => {
      const { uncaught, reports } = await run(`${CLOSED}
        for (const call of [done => store.get('a', done), done => store.set('a', {}, done),
          done => store.destroy('a', done), done => store.clear(done)]) {
          await new Promise(resolve => call(error => { report(error.message); resolve(); }));
        }
        await reported(4);`);
      assert.equal(reports.length, 4);
      assert.deepEqual(uncaught, []);
    });

    difference('promises', {
      aspect: 'awaited, they throw to the caller alone',
      ours: async () => {
        const { uncaught, reports } = await run(`${CLOSED}
          await store.get('a').catch(error => report(error.message));
          await store.clear().catch(error => report(error.message));
          await reported(2);`);
        assert.equal(reports.length, 2);
        assert.deepEqual(uncaught, []);
      }
    });
  });

  describe('a callback that throws', () => {
    const CONNECTED = `
      const store = new Store({ uri, collection: 'throwing' });
      await store.initialConnectionPromise;
      `;

    for (const [label, call] of [
      ['get finds nothing', 'store.get(\'nobody\', thrower)'],
      ['get finds a session', 'store.get(\'there\', thrower)'],
      ['set succeeds', 'store.set(\'a\', { cookie: {} }, thrower)'],
      ['destroy succeeds', 'store.destroy(\'a\', thrower)'],
      ['clear succeeds', 'store.clear(thrower)']
    ]) {
      it(`is an uncaughtException, once: ${label}`, async () => {
        const { uncaught, reports } = await run(`${CONNECTED}
          await new Promise(resolve => store.set('there', { cookie: {} }, resolve));
          const thrower = (...args) => { report(args.length); throw new Error('from the callback'); };
          ${call};
          await thrown(1);
          await store.client.close();`);
        assert.equal(reports.length, 1, 'called once');
        assert.deepEqual(uncaught, [{ origin: 'uncaughtException', message: 'from the callback' }]);
      });
    }

    it('is an uncaughtException when the store is constructed', async () => {
      const { uncaught, reports } = await run(`
        const store = new Store({ uri, collection: 'throwing' }, () => { report(1); throw new Error('from the callback'); });
        await thrown(1);
        await store.client.close();`);
      assert.equal(reports.length, 1);
      assert.deepEqual(uncaught, [{ origin: 'uncaughtException', message: 'from the callback' }]);
    });

    const onError = `${CLOSED}
      for (const call of [done => store.get('a', done), done => store.set('a', {}, done),
        done => store.destroy('a', done), done => store.clear(done)]) {
        call(() => { report(1); throw new Error('from the callback'); });
      }
      await thrown(4);`;

    difference('callbacks-outside-promises', {
      original: async () => {
        const { uncaught, reports } = await run(onError);
        assert.equal(reports.length, 4);
        assert.deepEqual(new Set(uncaught.map(({ origin }) => origin)), new Set(['unhandledRejection']));
      },
      ours: async () => {
        const { uncaught, reports } = await run(onError);
        assert.equal(reports.length, 4);
        assert.deepEqual(uncaught, Array(4).fill({ origin: 'uncaughtException', message: 'from the callback' }));
      }
    });

    const onIndexError = `
      const store = new Store({ uri, collection: '' }, error => {
        report(error ? error.message : null);
        throw new Error('from the callback');
      });
      await store.initialConnectionPromise.catch(() => {});
      await reported(1);
      await store.client.close();`;

    difference('callbacks-outside-promises', {
      aspect: 'when the index cannot be created',
      original: async () => {
        const { reports } = await run(onIndexError);
        assert.ok(reports.length > 1, 'what the callback threw is handed to it again');
        assert.equal(reports[1], 'Error connecting to db: from the callback');
      },
      ours: async () => {
        const { reports, uncaught } = await run(onIndexError);
        assert.equal(reports.length, 1);
        assert.deepEqual(uncaught, [{ origin: 'uncaughtException', message: 'from the callback' }]);
      }
    });

    it('does not keep others from being called', async () => {
      const { uncaught, reports } = await run(`${CONNECTED}
        await Promise.all(Array.from({ length: 30 }, (_, n) => new Promise(resolve => {
          store.get('nobody' + n, () => {
            resolve();
            report(n);
            if (n % 3 === 0) { throw new Error('thrown by ' + n); }
          });
        })));
        await thrown(10);
        await store.client.close();`);
      assert.equal(reports.length, 30);
      assert.equal(uncaught.length, 10);
      assert.ok(uncaught.every(({ origin }) => origin === 'uncaughtException'));
    });
  });

  describe('the process', () => {
    const WORK = `
      const store = new Store({ uri, collection: 'throwing' });
      store.set('sid', { cookie: {}, n: 1 }, () => store.get('sid', (error, session) => report(session.n)));`;

    difference('idle-exit', {
      original: async () => {
        await assert.rejects(runStoreScript(WORK, { uri: stores.uri, timeoutMS: 1500 }), /did not end within/);
      },
      ours: async () => {
        const { code, reports } = await run(WORK);
        assert.equal(code, 0);
        assert.deepEqual(reports, [1], 'not before its operations are done');
      }
    });

    it('ends when the client is closed', async () => {
      const { code } = await run(`${CLOSED}`);
      assert.equal(code, 0);
    });
  });
});
